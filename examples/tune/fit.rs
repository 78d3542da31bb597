//! Fitting: the weights under which the right memories are the likeliest, where a memory's likelihood is
//! the softmax of its score over all of its conversation (as in `ListNet`, Cao and others, ICML 2007).

use memoranda::memory::ranking::weights::{COUNT, Signal, Weights};

use crate::cases::{Case, score};

/// Steps of the descent, and how far each goes at first.
const STEPS: usize = 400;
const RATE: f32 = 0.08;

/// What a large weight costs, so that a rare signal isn't trusted too far.
const COST: f32 = 1e-3;

/// Candidates of a question that are looked at: the right ones, and the best by the weights before. What
/// lies far below has no part in the softmax.
const CANDIDATES: usize = 150;

/// Weights that are fitted to cases, beginning from others; those that aren't free are 0, but for the ones
/// that no case shows anything of, which stay.
pub(crate) fn fitted(cases: &[&Case], from: &Weights, is_free: impl Fn(Signal) -> bool) -> Weights {
    let spread = spread(cases);
    let free: Vec<usize> = Signal::ALL
        .iter()
        .filter(|signal| is_free(**signal) && spread[**signal as usize] > 0.0)
        .map(|signal| *signal as usize)
        .collect();
    let picked: Vec<(Vec<Vec<f32>>, usize)> = cases
        .iter()
        .filter(|case| !case.right.is_empty())
        .map(|case| picked(case, from, &free, &spread))
        .collect();
    // Signals are scaled by how much they vary, so that one rate suits all.
    let mut weights: Vec<f32> = free.iter().map(|at| from[*at] * spread[*at]).collect();
    let (mut speed, mut size) = (vec![0.0_f32; free.len()], vec![0.0_f32; free.len()]);
    for step in 1..=STEPS {
        let slope = slope(&picked, &weights);
        let rate = RATE * (1.0 - step as f32 / (STEPS + 1) as f32);
        for at in 0..free.len() {
            // Adam (Kingma and Ba, ICLR 2015), with its usual constants.
            speed[at] = 0.9 * speed[at] + 0.1 * slope[at];
            size[at] = 0.999 * size[at] + 0.001 * slope[at] * slope[at];
            let power = i32::try_from(step).unwrap_or(i32::MAX);
            let (mean, square) =
                (speed[at] / (1.0 - 0.9_f32.powi(power)), size[at] / (1.0 - 0.999_f32.powi(power)));
            weights[at] -= rate * mean / (square.sqrt() + 1e-8);
        }
    }
    let mut all = [0.0; COUNT];
    all[Signal::Phrase as usize] = from[Signal::Phrase as usize];
    for (at, weight) in free.iter().zip(weights) {
        all[*at] = weight / spread[*at];
    }
    all
}

/// The candidates' signals, the right ones first, and how many those are.
fn picked(case: &Case, from: &Weights, free: &[usize], spread: &Weights) -> (Vec<Vec<f32>>, usize) {
    let mut others: Vec<usize> =
        (0..case.rows.len()).filter(|at| !case.right.contains(at)).collect();
    others.sort_by(|a, b| score(from, &case.rows[*b]).total_cmp(&score(from, &case.rows[*a])));
    others.truncate(CANDIDATES);
    let rows = case.right.iter().chain(&others);
    let scaled =
        |at: &usize| free.iter().map(|signal| case.rows[*at][*signal] / spread[*signal]).collect();
    (rows.map(scaled).collect(), case.right.len())
}

/// How much each signal varies.
fn spread(cases: &[&Case]) -> Weights {
    let mut spread = [0.0; COUNT];
    for (at, spread) in spread.iter_mut().enumerate() {
        let values = || cases.iter().flat_map(|case| &case.rows).map(|row| f64::from(row[at]));
        let count = values().count().max(1) as f64;
        let mean = values().sum::<f64>() / count;
        #[expect(clippy::cast_possible_truncation, reason = "as exact as the signals themselves")]
        let deviation =
            (values().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt() as f32;
        *spread = if deviation > 1e-6 { deviation } else { 0.0 };
    }
    spread
}

/// The direction in which the cost grows.
fn slope(cases: &[(Vec<Vec<f32>>, usize)], weights: &[f32]) -> Vec<f32> {
    let mut slope: Vec<f32> = weights.iter().map(|weight| 2.0 * COST * weight).collect();
    let share = 1.0 / cases.len().max(1) as f32;
    for (rows, right) in cases {
        let scores: Vec<f32> = rows
            .iter()
            .map(|row| row.iter().zip(weights).map(|(value, weight)| value * weight).sum())
            .collect();
        let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let likely: Vec<f32> = scores.iter().map(|score| (score - most).exp()).collect();
        let sum: f32 = likely.iter().sum();
        for (at, (row, likely)) in rows.iter().zip(&likely).enumerate() {
            let wanted = if at < *right { 1.0 / *right as f32 } else { 0.0 };
            let error = (likely / sum - wanted) * share;
            for (slope, value) in slope.iter_mut().zip(row) {
                *slope += error * value;
            }
        }
    }
    slope
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_points_away_from_what_is_right() {
        let cases = vec![(vec![vec![1.0, 0.0], vec![0.0, 1.0]], 1)];

        let slope = slope(&cases, &[0.0, 0.0]);

        assert!(slope[0] < 0.0 && slope[1] > 0.0);
    }
}
