//! How fast.

use std::time::Duration;

use serde::Serialize;

/// How long calls took, in milliseconds; `None` where there were none.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Times {
    pub(crate) calls: usize,
    pub(crate) median_ms: Option<f64>,
    pub(crate) p95_ms: Option<f64>,
}

impl Times {
    pub(crate) fn of(calls: &[Duration]) -> Self {
        let mut sorted = calls.to_vec();
        sorted.sort_unstable();
        let at = |percent: usize| percentile(&sorted, percent).map(|time| time.as_secs_f64() * 1e3);
        Self { calls: calls.len(), median_ms: at(50), p95_ms: at(95) }
    }
}

/// The smallest value that so many percent of the values don't exceed (nearest rank).
fn percentile(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let calls: Vec<Duration> = (1..=20).rev().map(Duration::from_millis).collect();

        let times = Times::of(&calls);

        assert_eq!((times.median_ms, times.p95_ms), (Some(10.0), Some(19.0)));
        assert_eq!(Times::of(&[]).median_ms, None);
    }
}
