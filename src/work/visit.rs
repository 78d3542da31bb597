//! When somebody was last here, by what they did.

use crate::core::clock::Timestamp;

/// Who does nothing for longer than this has gone: an hour, in milliseconds.
const GONE_AFTER: i64 = 60 * 60 * 1000;

/// The end of somebody's last visit before the one that goes on now, from the times of what they did,
/// the newest first. `None` where they were never here before.
#[must_use]
pub fn last_here(acts: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
    let mut later = now;
    for act in acts {
        if later.as_millis() - act.as_millis() > GONE_AFTER {
            return Some(*act);
        }
        later = *act;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: &[i64]) -> Vec<Timestamp> {
        minutes.iter().map(|minute| Timestamp::from_millis(minute * 60_000)).collect()
    }

    #[test]
    fn a_visit_ends_with_an_hour_without_doing_anything() {
        let now = Timestamp::from_millis(1_000 * 60_000);

        let last =
            |minutes: &[i64]| last_here(&at(minutes), now).map(|time| time.as_millis() / 60_000);

        assert_eq!(last(&[]), None);
        assert_eq!(last(&[500]), Some(500));
        assert_eq!(last(&[990, 940, 885]), None, "all of one visit, that still goes on");
        assert_eq!(last(&[990, 940, 879]), Some(879));
        assert_eq!(last(&[939, 938]), Some(939), "this one has just begun");
    }
}
