//! Scanning vectors, with every kernel that this processor has.

use minilm::Kernel;

/// Numbers that look like no pattern, the extremes among them.
fn numbers(seed: u32, count: usize) -> Vec<i8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8 as i8
    };
    (0..count).map(|at| if at % 7 == 3 { i8::MIN } else { next() }).collect()
}

/// The same sums in more bits than they can fill.
fn exact(query: &[i8], row: &[i8]) -> i64 {
    query.iter().zip(row).map(|(a, b)| i64::from(*a) * i64::from(*b)).sum()
}

#[test]
fn every_kernel_gives_every_product_exactly() {
    for kernel in Kernel::available() {
        for length in [1, 15, 16, 17, 31, 32, 33, 63, 384, 1000, 1536] {
            for count in [0, 1, 2, 3, 9] {
                let (query, rows) = (numbers(1, length), numbers(2, length * count));
                let mut products = vec![-1; count];

                kernel.scan(&query, &rows, &mut products);

                let expected = rows.chunks_exact(length).map(|row| exact(&query, row));
                let products = products.into_iter().map(i64::from);
                assert!(products.eq(expected), "{kernel:?}: {count} of {length}");
            }
        }
    }
}

#[test]
fn the_largest_sums_fit() {
    for kernel in Kernel::available() {
        let longest = vec![i8::MIN; 1 << 16];
        let mut products = [0];

        kernel.scan(&longest, &longest, &mut products);

        assert_eq!(products, [1 << 30], "{kernel:?}");
    }
}

#[test]
fn vectors_of_nothing_are_like_nothing() {
    let mut products = [7, 7];

    minilm::scan(&[], &[], &mut products);

    assert_eq!(products, [0, 0]);
}

#[test]
#[should_panic(expected = "whole rows")]
fn rows_of_another_length_are_refused() {
    minilm::scan(&[1, 2], &[1, 2, 3], &mut [0]);
}
