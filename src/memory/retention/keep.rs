//! How long something is kept: `30d`, `12h`, `never`; and that for each type of memory.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::core::clock::Timestamp;
use crate::memory::fields::{MemoryType, Named};

/// What a text must be to say how long.
pub const RULE: &str = "must be never, or a number with m, h, d, w, mo or y, such as 30d";

/// The same for programs.
const PATTERN: &str = "^(never|[1-9][0-9]{0,4}(m|h|d|w|mo|y))$";

const MINUTE_MS: i64 = 60 * 1000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// The units with their lengths. A month has 30 days and a year 365: what is kept for a year should
/// not stay a day longer in some years.
const UNITS: [(&str, i64); 6] = [
    ("m", MINUTE_MS),
    ("h", 60 * MINUTE_MS),
    ("d", DAY_MS),
    ("w", 7 * DAY_MS),
    ("mo", 30 * DAY_MS),
    ("y", 365 * DAY_MS),
];

/// How long something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// So many of a unit, by its place in the table.
    For(i64, usize),
    /// For ever: it never expires.
    Never,
}

impl Keep {
    /// Reads `30d` or `never`; `None` for what is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "never" {
            return Some(Keep::Never);
        }
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, name) = text.split_at(digits);
        let unit = UNITS.iter().position(|(unit, _)| *unit == name)?;
        let is_plain = (1..=5).contains(&digits) && !number.starts_with('0');
        Some(Keep::For(number.parse().ok().filter(|_| is_plain)?, unit))
    }

    /// How many milliseconds; `None` for ever.
    #[must_use]
    pub fn millis(self) -> Option<i64> {
        match self {
            Keep::For(number, unit) => Some(number * UNITS[unit].1),
            Keep::Never => None,
        }
    }

    /// Whether what was touched last at a moment has been kept long enough.
    #[must_use]
    pub fn is_over(self, since: Timestamp, now: Timestamp) -> bool {
        self.millis().is_some_and(|millis| since.plus_millis(millis) <= now)
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Keep::For(number, unit) => write!(f, "{number}{}", UNITS[*unit].0),
            Keep::Never => f.write_str("never"),
        }
    }
}

impl Serialize for Keep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Keep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(RULE))
    }
}

impl JsonSchema for Keep {
    fn schema_name() -> Cow<'static, str> {
        "Keep".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": PATTERN })
    }
}

/// How long memories of each type are kept; a type that isn't here is not spoken of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ByType(Vec<(MemoryType, Keep)>);

impl ByType {
    /// How long a type is kept, if anything is said of it.
    #[must_use]
    pub fn of(&self, memory_type: MemoryType) -> Option<Keep> {
        self.0.iter().find(|(named, _)| *named == memory_type).map(|(_, keep)| *keep)
    }

    /// What is said, of each type that it is said of.
    pub fn iter(&self) -> impl Iterator<Item = (MemoryType, Keep)> {
        self.0.iter().copied()
    }
}

impl<const N: usize> From<[(MemoryType, Keep); N]> for ByType {
    fn from(all: [(MemoryType, Keep); N]) -> Self {
        Self(all.to_vec())
    }
}

impl Serialize for ByType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (memory_type, keep) in &self.0 {
            map.serialize_entry(memory_type.as_str(), keep)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for ByType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = ByType;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of types and durations")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ByType, A::Error> {
                let mut all: Vec<(MemoryType, Keep)> = Vec::new();
                // What is `null` counts as left out, here as everywhere.
                while let Some((memory_type, keep)) = map.next_entry::<_, Option<Keep>>()? {
                    all.retain(|(named, _)| *named != memory_type);
                    all.extend(keep.map(|keep| (memory_type, keep)));
                }
                Ok(ByType(all))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

impl JsonSchema for ByType {
    fn schema_name() -> Cow<'static, str> {
        "ByType".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut fields = serde_json::Map::new();
        for (_, name) in MemoryType::NAMES {
            let mut field = Keep::json_schema(generator);
            field.insert("description".into(), format!("How long: {name}").into());
            fields.insert((*name).to_owned(), field.into());
        }
        json_schema!({ "type": "object", "properties": fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_shown_as_they_were_written() {
        for (text, millis) in [
            ("90m", Some(90 * MINUTE_MS)),
            ("12h", Some(DAY_MS / 2)),
            ("30d", Some(30 * DAY_MS)),
            ("2w", Some(14 * DAY_MS)),
            ("3mo", Some(90 * DAY_MS)),
            ("99999y", Some(99_999 * 365 * DAY_MS)),
            ("never", None),
        ] {
            let keep = Keep::parse(text).expect("a duration");
            assert_eq!((keep.millis(), keep.to_string().as_str()), (millis, text));
        }
    }

    #[test]
    fn what_is_no_duration_is_refused_and_the_pattern_says_the_same() {
        let pattern = regex::Regex::new(PATTERN).expect("a pattern");
        for text in
            ["", "0d", "007d", "-3d", "3", "d", "3 d", "3D", "1.5d", "100000d", "3s", "ever", "٣d"]
        {
            assert_eq!(Keep::parse(text), None, "{text}");
            assert!(!pattern.is_match(text), "{text}");
        }
        for text in ["1m", "99999y", "6mo", "never"] {
            assert!(Keep::parse(text).is_some() && pattern.is_match(text), "{text}");
        }
    }

    #[test]
    fn it_is_over_with_the_last_millisecond_and_never_for_ever() {
        let since = Timestamp::from_millis(0);
        let day = Keep::For(1, 2);

        assert!(!day.is_over(since, Timestamp::from_millis(DAY_MS - 1)));
        assert!(day.is_over(since, Timestamp::from_millis(DAY_MS)));
        assert!(!Keep::Never.is_over(since, Timestamp::from_millis(i64::MAX)));
    }
}
