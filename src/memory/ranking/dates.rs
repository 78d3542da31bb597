//! The time that a question speaks of, and how well a moment fits it.

use jiff::civil::{Date, date};

use crate::core::clock::{DAY_MS, Timestamp};
use crate::core::when;

/// A time in a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// A day.
    Day(Date),
    /// A month of a year, or of any.
    Month(Option<i16>, i8),
    Year(i16),
    /// What a relative time comes to: its first and last millisecond.
    Stretch(i64, i64),
}

/// Days beside a period in which people still mean it.
const NEAR_DAY: i64 = 2;
const NEAR: i64 = 10;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The time that a question speaks of; the first, where it speaks of several.
#[must_use]
pub(super) fn period(text: &str, now: Timestamp) -> Option<Period> {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric() && c != '-' && c != '/')
        .filter(|word| !word.is_empty())
        .collect();
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    if let Some(day) =
        lower.iter().find_map(|word| word.parse::<Date>().ok().filter(|_| word.len() == 10))
    {
        return Some(Period::Day(day));
    }
    let year = lower.iter().find_map(|word| year(word));
    for (at, word) in words.iter().enumerate() {
        let Some(month) = month(word, at.checked_sub(1).map(|before| lower[before])) else {
            continue;
        };
        let around = [
            at.checked_sub(1),
            at.checked_sub(2).filter(|_| at > 0 && lower[at - 1] == "of"),
            Some(at + 1),
        ];
        let day = around.into_iter().flatten().find_map(|place| day(lower.get(place)?));
        return Some(match (year, day) {
            (Some(year), Some(day)) => {
                Date::new(year, month, day).map_or(Period::Month(Some(year), month), Period::Day)
            }
            _ => Period::Month(year, month),
        });
    }
    relative(&lower, now).or(year.map(Period::Year))
}

/// `last week`, `two days ago`, `yesterday`: the first run of words that names one.
fn relative(words: &[&str], now: Timestamp) -> Option<Period> {
    (0..words.len()).find_map(|from| {
        let begins =
            matches!(words[from], "yesterday" | "today" | "last" | "this" | "past" | "previous");
        (1..=3_usize).rev().find_map(|count| {
            let run = words.get(from..from + count)?;
            if !begins && run.last() != Some(&"ago") {
                return None;
            }
            let found = when::stretch(&run.join(" "), now)?;
            Some(Period::Stretch(found.from.as_millis(), found.until.as_millis()))
        })
    })
}

fn year(word: &str) -> Option<i16> {
    let is_year = word.len() == 4 && (word.starts_with("19") || word.starts_with("20"));
    word.parse().ok().filter(|_| is_year)
}

/// A month by its name. `may` and `march` are other words too: a capital or what stands before tells.
fn month(word: &str, before: Option<&str>) -> Option<i8> {
    let lower = word.to_lowercase();
    let is_doubtful = matches!(lower.as_str(), "may" | "march");
    let is_led = before.is_some_and(|before| {
        matches!(
            before,
            "in" | "on"
                | "of"
                | "during"
                | "since"
                | "until"
                | "by"
                | "early"
                | "late"
                | "last"
                | "this"
                | "next"
        ) || day(before).is_some()
    });
    if is_doubtful && !is_led {
        return None;
    }
    (1_i8..).zip(MONTHS).find_map(|(number, name)| {
        let is_short =
            lower.len() == 3 && name.starts_with(&lower) && word.starts_with(char::is_uppercase);
        (lower == name || is_short).then_some(number)
    })
}

fn day(word: &str) -> Option<i8> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ending = &word[digits.len()..];
    let is_day = matches!(ending, "" | "st" | "nd" | "rd" | "th");
    digits.parse().ok().filter(|day| is_day && (1..=31).contains(day))
}

impl Period {
    /// How well a moment fits: 1 within, less beside it, 0 for another time.
    #[must_use]
    pub(super) fn fits(self, at: i64) -> f32 {
        let Some(day) = day_of(at) else { return 0.0 };
        match self {
            Period::Day(wanted) => near(day, wanted, wanted, NEAR_DAY, 0.5),
            Period::Month(year, month) => {
                let year = year.unwrap_or_else(|| closest_year(day, month));
                let Ok(first) = Date::new(year, month, 1) else { return 0.0 };
                near(day, first, first.last_of_month(), 0, 0.6)
            }
            Period::Year(year) => f32::from(day.year() == year),
            Period::Stretch(from, until) => {
                let beside =
                    if until - from > 2 * DAY_MS { (until - from) / 2 } else { 2 * DAY_MS };
                if (from..=until).contains(&at) {
                    1.0
                } else if (from - beside..=until + beside).contains(&at) {
                    0.5
                } else {
                    0.0
                }
            }
        }
    }
}

/// The year in which the month is closest to a day: December is near to 2 January.
fn closest_year(day: Date, month: i8) -> i16 {
    match month - day.month() {
        7.. => day.year() - 1,
        ..=-7 => day.year() + 1,
        _ => day.year(),
    }
}

fn near(day: Date, first: Date, last: Date, within: i64, beside: f32) -> f32 {
    let off = days_between(day, first).max(days_between(last, day)).max(0);
    match off {
        off if off <= within => 1.0,
        off if off <= NEAR => beside,
        _ => 0.0,
    }
}

/// Days from the first to the second; negative where the second is earlier.
fn days_between(first: Date, second: Date) -> i64 {
    i64::from(first.until(second).map_or(i32::MAX, |span| span.get_days()))
}

fn day_of(at: i64) -> Option<Date> {
    let days = i32::try_from(at.div_euclid(DAY_MS)).ok()?;
    date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text, false).expect("a time")
    }

    fn read(text: &str) -> Option<Period> {
        period(text, at("2026-11-22T12:00:00Z"))
    }

    #[test]
    fn times_in_questions_are_found() {
        for (text, expected) in [
            ("What happened on 2023-05-08?", Period::Day(date(2023, 5, 8))),
            ("What did she do on 8 May, 2023?", Period::Day(date(2023, 5, 8))),
            ("What did she do on May 8th 2023?", Period::Day(date(2023, 5, 8))),
            ("on the 8th of May 2023", Period::Day(date(2023, 5, 8))),
            ("Where was it in May 2023?", Period::Month(Some(2023), 5)),
            ("Where was it in December?", Period::Month(None, 12)),
            ("What was new in 2022?", Period::Year(2022)),
            ("in Sep 2022", Period::Month(Some(2022), 9)),
        ] {
            assert_eq!(read(text), Some(expected), "{text}");
        }
        for text in ["May I ask?", "What may it be?", "They march on", "port 8080", "the last one"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn relative_times_are_seen_from_now() {
        let Some(Period::Stretch(from, until)) = read("What did we decide last week?") else {
            panic!("a stretch")
        };

        assert_eq!(Timestamp::from_millis(from), at("2026-11-09"));
        assert!(until < at("2026-11-16").as_millis());
        assert!(matches!(read("who broke it two days ago?"), Some(Period::Stretch(..))));
    }

    #[test]
    fn what_lies_beside_a_period_fits_less() {
        let fits = |period: Period, day: &str| period.fits(at(day).as_millis());
        let may = Period::Month(Some(2023), 5);
        let day = Period::Day(date(2023, 5, 8));
        let december = Period::Month(None, 12);

        for (period, moment, expected) in [
            (may, "2023-05-31", 1.0),
            (may, "2023-06-09", 0.6),
            (may, "2023-06-20", 0.0),
            (may, "2022-05-08", 0.0),
            (day, "2023-05-10", 1.0),
            (day, "2023-05-15", 0.5),
            (day, "2023-05-30", 0.0),
            (december, "2021-12-03", 1.0),
            (december, "2022-01-05", 0.6),
            (Period::Year(2022), "2022-08-01", 1.0),
            (Period::Year(2022), "2023-08-01", 0.0),
        ] {
            assert!((fits(period, moment) - expected).abs() < 1e-6, "{period:?} and {moment}");
        }
    }
}
