//! Times in words: `yesterday`, `last 7 days`, `in May 2023`, seen from a moment that is given.
//!
//! English, UTC, weeks from Monday (ISO 8601). What names a stretch gives all of it, so that
//! `after: last month` begins with its first millisecond and `before: last month` ends with its last.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

use super::clock::{DAY_MS, Timestamp};

/// A stretch of time, its first and its last millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub from: Timestamp,
    pub until: Timestamp,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const FULL_MONTHS: [&str; 12] = [
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
const NUMBERS: [&str; 12] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
];

const EPOCH: Date = Date::constant(1970, 1, 1);

/// The most of any unit that is counted back or forth: nobody means more, and sums stay in range.
const MOST: i64 = 10_000;

/// A unit that people count time in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// The stretch that an expression names; `None` for what isn't one. ISO 8601 is read too: a moment
/// is a stretch of one millisecond.
#[must_use]
pub fn stretch(text: &str, now: Timestamp) -> Option<Stretch> {
    let text = text.trim();
    if let Some(from) = Timestamp::parse(text, false) {
        return Some(Stretch { from, until: Timestamp::parse(text, true)? });
    }
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty())
        .collect();
    let words = match words.as_slice() {
        ["in" | "on" | "during" | "the", rest @ ..] if !rest.is_empty() && !is_ahead(&words) => {
            rest
        }
        all => all,
    };
    let today = date_of(now)?;
    relative(words, now, today).or_else(|| named(words, today))
}

/// `in 3 days` looks ahead; `in May` doesn't.
fn is_ahead(words: &[&str]) -> bool {
    matches!(words, ["in", count_word, unit_word] if count(count_word).is_some() && unit(unit_word).is_some())
}

fn relative(words: &[&str], now: Timestamp, today: Date) -> Option<Stretch> {
    match words {
        ["now"] => Some(Stretch { from: now, until: now }),
        ["today"] => days(today, today),
        ["yesterday"] => on(today, 1.days(), -1),
        ["tomorrow"] => on(today, 1.days(), 1),
        ["day", "before", "yesterday"] => on(today, 2.days(), -1),
        ["day", "after", "tomorrow"] => on(today, 2.days(), 1),
        [day] => weekday(day).and_then(|day| days_back_to(today, day, 0)),
        [which @ ("last" | "past" | "previous" | "this" | "current" | "next"), what] => {
            let step = match *which {
                "this" | "current" => 0,
                "next" => 1,
                _ => -1,
            };
            if let Some(day) = weekday(what) {
                return neighbouring(today, day, step);
            }
            // `last days` says nothing: of one unit there is one.
            (!what.ends_with('s')).then(|| calendar(today, unit(what)?, step)).flatten()
        }
        [which @ ("last" | "past" | "previous" | "next"), number, units] => {
            rolling(now, count(number)?, unit(units)?, *which == "next")
        }
        [number, units, "ago"] => away(now, today, count(number)?, unit(units)?, -1),
        ["in", number, units] | [number, units, "from", "now"] => {
            away(now, today, count(number)?, unit(units)?, 1)
        }
        _ => None,
    }
}

/// Months, quarters, years and days by their names.
fn named(words: &[&str], today: Date) -> Option<Stretch> {
    match words {
        [one] => {
            if let Some(number) = month(one) {
                // The latest that has begun: nobody says `May` of one that is to come.
                let year = today.year() - i16::from(number > today.month());
                return whole_month(year, number);
            }
            match one.split_once('-') {
                None => whole_year(year(one)?),
                Some((first, second)) => match quarter(second) {
                    Some(number) => whole_quarter(year(first)?, number),
                    None if second.len() == 2 => whole_month(year(first)?, second.parse().ok()?),
                    None => None,
                },
            }
        }
        [first, second] => {
            if let (Some(number), Some(year)) = (month(first), year(second)) {
                return whole_month(year, number);
            }
            if let (Some(number), Some(year)) = (quarter(first), year(second)) {
                return whole_quarter(year, number);
            }
            let (day, number) = day_and_month(first, second)?;
            let this_year = Date::new(today.year(), number, day).ok();
            let date = match this_year {
                Some(date) if date <= today => date,
                _ => Date::new(today.year() - 1, number, day).ok()?,
            };
            days(date, date)
        }
        [first, second, third] => {
            let (day, number) = day_and_month(first, second)?;
            let date = Date::new(year(third)?, number, day).ok()?;
            days(date, date)
        }
        [day_word, "of", month_word, rest @ ..] => {
            let words: Vec<&str> =
                [*day_word, *month_word].into_iter().chain(rest.iter().copied()).collect();
            (words.len() <= 3).then(|| named(&words, today)).flatten()
        }
        _ => None,
    }
}

fn count(word: &str) -> Option<i64> {
    if matches!(word, "a" | "an") {
        return Some(1);
    }
    let named =
        NUMBERS.iter().position(|name| *name == word).and_then(|at| i64::try_from(at + 1).ok());
    named.or_else(|| word.parse().ok()).filter(|number| (1..=MOST).contains(number))
}

fn unit(word: &str) -> Option<Unit> {
    match word.strip_suffix('s').unwrap_or(word) {
        "minute" | "min" => Some(Unit::Minute),
        "hour" => Some(Unit::Hour),
        "day" => Some(Unit::Day),
        "week" => Some(Unit::Week),
        "month" => Some(Unit::Month),
        "quarter" => Some(Unit::Quarter),
        "year" => Some(Unit::Year),
        _ => None,
    }
}

/// Milliseconds of units that are always as long; days and months of the others.
fn length(number: i64, unit: Unit) -> (i64, Span) {
    match unit {
        Unit::Minute => (number * 60_000, Span::new()),
        Unit::Hour => (number * 3_600_000, Span::new()),
        Unit::Day => (0, number.days()),
        Unit::Week => (0, number.weeks()),
        Unit::Month => (0, number.months()),
        Unit::Quarter => (0, (3 * number).months()),
        Unit::Year => (0, number.years()),
    }
}

/// `last 7 days`: up to now, and from as long before.
fn rolling(now: Timestamp, number: i64, unit: Unit, is_ahead: bool) -> Option<Stretch> {
    let direction = if is_ahead { 1 } else { -1 };
    let (millis, span) = length(number, unit);
    let date = date_of(now)?;
    let time_of_day = now.as_millis().rem_euclid(DAY_MS);
    let moved = date.checked_add(span * direction).ok()?;
    let other = start_of(moved)?.plus_millis(time_of_day + millis * direction);
    Some(if is_ahead {
        Stretch { from: now, until: other }
    } else {
        Stretch { from: other, until: now }
    })
}

/// `3 days ago`: all of that day; `2 hours ago`: that moment.
fn away(now: Timestamp, today: Date, number: i64, unit: Unit, direction: i64) -> Option<Stretch> {
    let (millis, span) = length(number, unit);
    if millis == 0 {
        return on(today, span, direction);
    }
    let moment = now.plus_millis(millis * direction);
    Some(Stretch { from: moment, until: moment })
}

/// `last month`: the calendar's unit before this one.
fn calendar(today: Date, unit: Unit, step: i64) -> Option<Stretch> {
    match unit {
        Unit::Minute | Unit::Hour => None,
        Unit::Day => on(today, step.days(), 1),
        Unit::Week => {
            let since_monday = i64::from(today.weekday().to_monday_zero_offset());
            let monday = today.checked_add((step * 7 - since_monday).days()).ok()?;
            days(monday, monday.checked_add(6.days()).ok()?)
        }
        Unit::Month => {
            let date = today.first_of_month().checked_add(step.months()).ok()?;
            whole_month(date.year(), date.month())
        }
        Unit::Quarter => {
            let date = today.first_of_month().checked_add((3 * step).months()).ok()?;
            whole_quarter(date.year(), (date.month() + 2) / 3)
        }
        Unit::Year => whole_year(today.first_of_month().checked_add(step.years()).ok()?.year()),
    }
}

/// `last Monday`, `this Monday`, `next Monday`.
fn neighbouring(today: Date, day: Weekday, step: i64) -> Option<Stretch> {
    match step {
        0 => {
            let ahead = i64::from(day.since(today.weekday()));
            on(today, ahead.days(), 1)
        }
        1 => {
            let ahead = i64::from(day.since(today.weekday()));
            on(today, (if ahead == 0 { 7 } else { ahead }).days(), 1)
        }
        _ => days_back_to(today, day, 7),
    }
}

/// The latest such weekday up to today; where that is today itself, so many days before it.
fn days_back_to(today: Date, day: Weekday, if_today: i64) -> Option<Stretch> {
    let back = i64::from(today.weekday().since(day));
    on(today, (if back == 0 { if_today } else { back }).days(), -1)
}

fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" => Weekday::Tuesday,
        "wednesday" | "wed" => Weekday::Wednesday,
        "thursday" | "thu" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" | "sat" => Weekday::Saturday,
        "sunday" | "sun" => Weekday::Sunday,
        _ => return None,
    })
}

fn month(word: &str) -> Option<i8> {
    let word = word.strip_suffix('.').unwrap_or(word);
    let word = if word == "sept" { "sep" } else { word };
    let at = MONTHS.iter().position(|name| *name == word);
    let at = at.or_else(|| FULL_MONTHS.iter().position(|name| *name == word))?;
    i8::try_from(at + 1).ok()
}

fn year(word: &str) -> Option<i16> {
    let is_year = word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    word.parse().ok().filter(|year| is_year && (1..=9998).contains(year))
}

fn quarter(word: &str) -> Option<i8> {
    word.strip_prefix('q')
        .and_then(|number| number.parse().ok())
        .filter(|number| (1..=4).contains(number))
}

/// `5 May` and `May 5th`.
fn day_and_month(first: &str, second: &str) -> Option<(i8, i8)> {
    let day = |word: &str| {
        let bare = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end));
        bare.unwrap_or(word).parse::<i8>().ok().filter(|day| (1..=31).contains(day))
    };
    match (day(first), month(second)) {
        (Some(day), Some(month)) => Some((day, month)),
        _ => Some((day(second)?, month(first)?)),
    }
}

fn whole_year(year: i16) -> Option<Stretch> {
    days(Date::new(year, 1, 1).ok()?, Date::new(year, 12, 31).ok()?)
}

fn whole_quarter(year: i16, number: i8) -> Option<Stretch> {
    let last = Date::new(year, number * 3, 1).ok()?.last_of_month();
    days(Date::new(year, number * 3 - 2, 1).ok()?, last)
}

fn whole_month(year: i16, number: i8) -> Option<Stretch> {
    let first = Date::new(year, number, 1).ok()?;
    days(first, first.last_of_month())
}

/// All of a day, some days from another.
fn on(day: Date, span: Span, direction: i64) -> Option<Stretch> {
    let date = day.checked_add(span * direction).ok()?;
    days(date, date)
}

fn days(first: Date, last: Date) -> Option<Stretch> {
    Some(Stretch { from: start_of(first)?, until: start_of(last)?.plus_millis(DAY_MS - 1) })
}

/// By days, not by way of a moment: the last days of the year 9999 have none.
fn start_of(date: Date) -> Option<Timestamp> {
    let since = date.duration_since(EPOCH);
    i64::try_from(since.as_millis()).ok().map(Timestamp::from_millis)
}

fn date_of(moment: Timestamp) -> Option<Date> {
    let days = moment.as_millis().div_euclid(DAY_MS);
    EPOCH.checked_add(days.days()).ok()
}

#[cfg(test)]
mod tests;
