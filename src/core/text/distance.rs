//! How far apart two names are.

/// How many letters must be put in, taken out or exchanged to make one of the other (Levenshtein).
/// For names: the time is the product of their lengths.
#[must_use]
pub fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in (1..).zip(one.chars()) {
        // What stood above and to the left, before this row wrote over it.
        let mut corner = std::mem::replace(&mut row[0], at);
        for (column, theirs) in other.iter().enumerate() {
            let exchanged = corner + usize::from(*theirs != letter);
            corner = row[column + 1];
            row[column + 1] = exchanged.min(corner + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_letter_more_less_or_other_is_one_step() {
        for (one, other, steps) in [
            ("recall", "recall", 0),
            ("recal", "recall", 1),
            ("recalll", "recall", 1),
            ("racall", "recall", 1),
            ("", "forget", 6),
            ("kitten", "sitting", 3),
            ("Müller", "Muller", 1),
        ] {
            assert_eq!(distance(one, other), steps, "{one} {other}");
            assert_eq!(distance(other, one), steps, "{other} {one}");
        }
    }
}
