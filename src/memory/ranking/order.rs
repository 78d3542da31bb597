//! The order of what was scored: the best first, and of each thread every further one a little later.
//!
//! What answers a question for several things (`which countries`, `how often`) lies in several
//! conversations, and the one that speaks most of it would take all places: what stands around a hit speaks
//! for it, so a thread lifts its own. So each hit of a thread counts less than the one before it, by so little
//! that what answers by itself keeps its place. What stands alone loses nothing.

use super::signals::Ground;
use crate::memory::index::Seen;

/// What a further hit of a thread loses, for each time that the number of those before it grows by a factor
/// of e; in the units of the weights.
const FURTHER: f32 = 0.2;

/// How many of the best are looked at for that, whatever is asked for: so that a hit has the same score
/// beside few and beside many.
const LOOKED_AT: usize = 150;

/// What a hit loses that has so many of its thread before it.
#[must_use]
pub fn lost(before: usize) -> f32 {
    FURTHER * (1.0 + before as f32).ln()
}

/// A slot and its score.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ordered {
    pub(super) slot: usize,
    pub(super) score: f32,
    /// What it lost as a further one of its thread.
    pub(super) lost: f32,
}

/// Puts slots in order and keeps the best. `unit` is what a weight of one comes to in a score; `None` where
/// threads shouldn't count.
pub(super) fn in_order(
    mut all: Vec<Ordered>,
    seen: &Seen<'_>,
    ground: &Ground<'_>,
    unit: Option<f32>,
    most: usize,
) -> Vec<Ordered> {
    let better = |a: &Ordered, b: &Ordered| {
        b.score.total_cmp(&a.score).then_with(|| seen.id(a.slot).cmp(&seen.id(b.slot)))
    };
    let looked_at = if unit.is_some() { most.max(LOOKED_AT) } else { most };
    // Few are wanted of many: only those are put in order.
    if looked_at < all.len() {
        all.select_nth_unstable_by(looked_at, better);
        all.truncate(looked_at);
    }
    all.sort_unstable_by(better);
    if let Some(unit) = unit {
        let mut before = vec![0; ground.threads()];
        for one in &mut all {
            let Some(thread) = ground.thread(one.slot) else { continue };
            one.lost = lost(before[thread]) * unit;
            one.score -= one.lost;
            before[thread] += 1;
        }
        all.sort_unstable_by(better);
        all.truncate(most);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_thread_loses_nothing_and_each_further_one_hardly_more_than_the_one_before() {
        let all: Vec<f32> = (0..20).map(lost).collect();

        assert!(all[0].abs() < f32::EPSILON);
        assert!(all.is_sorted_by(|a, b| a < b));
        assert!(all.windows(3).all(|some| some[2] - some[1] < some[1] - some[0]));
    }
}
