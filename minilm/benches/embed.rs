//! How long a text takes, by its length and kernel, and a scan of vectors, on one thread.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use minilm::{Kernel, Model};

fn embed(c: &mut Criterion) {
    let model = Model::from_static(minilm_words::PACK, minilm_layers::PACK).expect("a pack");
    for kernel in Kernel::available() {
        let mut group = c.benchmark_group(format!("{kernel:?}"));
        for pieces in [8, 20, 64, 128, 256] {
            let text = "tea ".repeat(pieces - 2);
            assert_eq!(model.pieces(&text).len(), pieces);
            group.bench_function(pieces.to_string(), |b| {
                b.iter(|| model.embed_with(kernel, black_box(&text)));
            });
        }
    }
}

fn scan(c: &mut Criterion) {
    let numbers = |count: usize| (0..count).map(|at| (at * 37 % 251) as u8 as i8).collect();
    let (query, rows): (Vec<i8>, Vec<i8>) = (numbers(384), numbers(384 * 10_000));
    let mut products = vec![0; 10_000];
    for kernel in Kernel::available() {
        c.bench_function(&format!("{kernel:?}/scan of 10,000"), |b| {
            b.iter(|| kernel.scan(black_box(&query), black_box(&rows), &mut products));
        });
    }
}

fn open(c: &mut Criterion) {
    c.bench_function("open", |b| {
        b.iter(|| Model::from_static(black_box(minilm_words::PACK), minilm_layers::PACK));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = embed, scan, open
}
criterion_main!(benches);
