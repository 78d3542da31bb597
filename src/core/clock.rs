//! Time: UTC, in milliseconds. The clock is a parameter, so that tests set it.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment: milliseconds since 1970-01-01T00:00:00Z. Shown as `2026-11-22T09:30:00.000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// One day in milliseconds.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Timestamp {
    /// From milliseconds since the epoch; moments outside the years 1 to 9999 are cut to them.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        const FIRST: i64 = -62_135_596_800_000;
        const LAST: i64 = 253_402_207_200_000;
        Self(millis.clamp(FIRST, LAST))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This moment and some milliseconds more (or fewer).
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// Reads ISO 8601: a moment with its offset, a moment without one (taken as UTC), or a date
    /// alone, which is that day's first millisecond, or its last where `end_of_day` is asked.
    #[must_use]
    pub fn parse(text: &str, end_of_day: bool) -> Option<Self> {
        if let Ok(moment) = jiff::Timestamp::from_str(text) {
            return Some(Self::from_millis(moment.as_millisecond()));
        }
        let utc = jiff::tz::TimeZone::UTC;
        if text.len() == 10 {
            let date = jiff::civil::Date::from_str(text).ok()?;
            // By days, not by way of a moment: the last days of the year 9999 have none.
            let days = date.duration_since(jiff::civil::date(1970, 1, 1));
            let start = i64::try_from(days.as_millis()).ok()?;
            return Some(Self::from_millis(if end_of_day { start + DAY_MS - 1 } else { start }));
        }
        let civil = jiff::civil::DateTime::from_str(text).ok()?;
        Some(Self::from_millis(civil.to_zoned(utc).ok()?.timestamp().as_millisecond()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = jiff::Timestamp::from_millisecond(self.0).map_err(|_| fmt::Error)?;
        write!(f, "{moment:.3}")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text, false)
            .ok_or_else(|| serde::de::Error::custom("must be an ISO 8601 time"))
    }
}

impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// Where the current time comes from.
pub trait Clock: Send + Sync {
    /// The current moment.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
    }
}

/// A clock that stands still until it is set: for tests.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Stands at a moment.
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        Self(AtomicI64::new(moment.as_millis()))
    }

    /// Moves on by some milliseconds.
    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_in_utc_with_milliseconds() {
        let moment = Timestamp::parse("2026-11-22T10:30:00.5+01:00", false).expect("valid");

        assert_eq!(moment.to_string(), "2026-11-22T09:30:00.500Z");
    }

    #[test]
    fn a_date_alone_is_the_start_or_the_end_of_that_day() {
        let start = Timestamp::parse("2026-11-22", false).expect("valid");
        let end = Timestamp::parse("2026-11-22", true).expect("valid");

        assert_eq!(start.to_string(), "2026-11-22T00:00:00.000Z");
        assert_eq!(end.to_string(), "2026-11-22T23:59:59.999Z");
    }

    #[test]
    fn the_end_of_time_is_cut_to_the_last_moment_there_is() {
        let forever = Timestamp::parse("9999-12-31", true).expect("valid");

        assert_eq!(forever.to_string(), "9999-12-30T22:00:00.000Z");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["", "soon", "2026-13-01", "2026-11-22T25:00:00Z", "22.11.2026", "2026-1-1"] {
            assert_eq!(Timestamp::parse(text, false), None, "{text}");
        }
    }
}
