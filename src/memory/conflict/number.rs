//! Reads the values of a statement: how far one goes, and what it is.

use super::token::Token;
use super::value::{
    Dimension, PartialDate, Value, every, month, multiplier, spelled, unit, weekday,
};

/// The value that begins at a token, and how many tokens it takes.
pub(super) fn read(tokens: &[Token], at: usize) -> Option<(Value, usize)> {
    dated(tokens, at)
        .or_else(|| often(tokens, at))
        .or_else(|| timed(tokens, at))
        .or_else(|| version(&tokens[at].lower).map(|value| (value, 1)))
        .or_else(|| counted(tokens, at))
}

fn lower(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |token| token.lower.as_str())
}

fn is_capital(tokens: &[Token], at: usize) -> bool {
    tokens.get(at).is_some_and(|token| token.raw.starts_with(char::is_uppercase))
}

/// Dates: ISO 8601, `31.03.2026`, `12 May 2026`, `May 12th`, `Q2 2026`, a year after a preposition,
/// days of the week.
fn dated(tokens: &[Token], at: usize) -> Option<(Value, usize)> {
    let word = lower(tokens, at);
    if let Some(date) = whole_date(word) {
        return Some((Value::date(date), 1));
    }
    if let Some(day) = weekday(word).filter(|_| is_capital(tokens, at)) {
        return Some((Value::of(Dimension::Weekday, day), 1));
    }
    let year_at = |at: usize| year(lower(tokens, at));
    let length = |first: usize, at: usize| first + usize::from(year_at(at + first).is_some());
    if let Some(quarter) = word.strip_prefix('q').and_then(|rest| small(rest, 4)) {
        let date = PartialDate { quarter: Some(quarter), year: year_at(at + 1), ..nothing() };
        return Some((Value::date(date), length(1, at)));
    }
    // `may` and `march` are words of their own, too.
    if let Some(month) = month(word).filter(|_| is_capital(tokens, at)) {
        let day = ordinal_or_day(lower(tokens, at + 1)).filter(|_| year_at(at + 1).is_none());
        let first = 1 + usize::from(day.is_some());
        let date =
            PartialDate { month: Some(month), day, year: year_at(at + first), quarter: None };
        return Some((Value::date(date), length(first, at)));
    }
    if let Some(day) = ordinal_or_day(word) {
        let gap = usize::from(lower(tokens, at + 1) == "of");
        if let Some(month) = month(lower(tokens, at + 1 + gap)) {
            let first = 2 + gap;
            let year = year_at(at + first);
            let date = PartialDate { month: Some(month), day: Some(day), year, quarter: None };
            return Some((Value::date(date), length(first, at)));
        }
    }
    let is_led =
        at > 0 && ["in", "since", "until", "by", "from", "of"].contains(&lower(tokens, at - 1));
    let date = PartialDate { year: Some(year(word).filter(|_| is_led)?), ..nothing() };
    Some((Value::date(date), 1))
}

fn nothing() -> PartialDate {
    PartialDate::default()
}

fn small(word: &str, most: u32) -> Option<u32> {
    word.parse().ok().filter(|number| (1..=most).contains(number) && word.len() <= 2)
}

fn ordinal_or_day(word: &str) -> Option<u32> {
    let bare = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end));
    small(bare.unwrap_or(word).trim_end_matches('.'), 31)
}

fn year(word: &str) -> Option<u32> {
    word.parse().ok().filter(|year| word.len() == 4 && (1900..=2100).contains(year))
}

fn whole_date(word: &str) -> Option<PartialDate> {
    let day = word.split_once('t').map_or(word, |(day, _)| day);
    let numbers = |separator| -> Option<Vec<u32>> {
        day.split(separator).map(|part| part.parse().ok()).collect()
    };
    let mut parts = numbers('-').or_else(|| numbers('/')).or_else(|| numbers('.'))?;
    // `31.03.2026` is written from its other end.
    if day.contains('.') {
        parts.reverse();
    }
    let &[year @ 1000..=9999, month, day] = parts.as_slice() else { return None };
    let is_date = (1..=12).contains(&month) && (1..=31).contains(&day);
    let date = PartialDate { year: Some(year), month: Some(month), day: Some(day), quarter: None };
    is_date.then_some(date)
}

/// How often: `every 90 days`, `every week`, `hourly`, `twice a week`.
fn often(tokens: &[Token], at: usize) -> Option<(Value, usize)> {
    let word = lower(tokens, at);
    if let Some(millis) = every(word) {
        return Some((Value::of(Dimension::Every, millis), 1));
    }
    let of_time = |at: usize| match unit(lower(tokens, at)) {
        Some((Dimension::Duration, millis)) => Some(millis),
        _ => None,
    };
    if ["every", "each"].contains(&word) {
        if let Some(millis) = of_time(at + 1) {
            return Some((Value::of(Dimension::Every, millis), 2));
        }
        let count = number(lower(tokens, at + 1)).or_else(|| spelled(lower(tokens, at + 1)))?;
        return Some((Value::of(Dimension::Every, count * of_time(at + 2)?), 3));
    }
    let times = match word {
        "once" => 1.0,
        "twice" => 2.0,
        _ => return None,
    };
    let is_each = ["a", "an", "per", "each", "every"].contains(&lower(tokens, at + 1));
    let millis = of_time(at + 2).filter(|_| is_each)?;
    Some((Value::of(Dimension::Every, millis / times), 3))
}

/// Times of day: `10:00`, `9:15 am`, `8 pm`, `8pm`.
fn timed(tokens: &[Token], at: usize) -> Option<(Value, usize)> {
    let word = lower(tokens, at);
    let (digits, half) = ["am", "pm"]
        .iter()
        .find_map(|half| word.strip_suffix(half).map(|digits| (digits, *half)))
        .unwrap_or((word, ""));
    let next = lower(tokens, at + 1);
    let is_next = half.is_empty() && ["am", "pm", "a.m", "p.m"].contains(&next);
    let half = if is_next { next } else { half };
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
    if half.is_empty() && !digits.contains(':') {
        return None;
    }
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let hours = match (half.starts_with('p'), half.starts_with('a'), hours) {
        (true, _, 1..=11) => hours + 12,
        (_, true, 12) => 0,
        _ => hours,
    };
    let value = Value::of(Dimension::Clock, f64::from(hours * 60 + minutes));
    (hours <= 24 && minutes < 60).then_some((value, 1 + usize::from(is_next)))
}

fn version(word: &str) -> Option<Value> {
    let bare = word.strip_prefix('v').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let parts: Option<Vec<u32>> =
        bare.unwrap_or(word).split('.').map(|part| part.parse().ok()).collect();
    let parts = parts.filter(|parts| parts.len() > 2 || bare.is_some())?;
    Some(Value { parts, ..Value::of(Dimension::Version, 0.0) })
}

/// Numbers with or without a unit: `1,240`, `$2.4 million`, `25 MB`, `512Mi`, `three`, `99.9%`.
fn counted(tokens: &[Token], at: usize) -> Option<(Value, usize)> {
    let token = &tokens[at];
    let currency = token.raw.chars().next().filter(|c| "$€£¥".contains(*c));
    let text = &token.lower[currency.map_or(0, char::len_utf8)..];
    let end =
        text.find(|c: char| !c.is_ascii_digit() && c != ',' && c != '.').unwrap_or(text.len());
    let (digits, suffix) =
        (text[..end].trim_end_matches(['.', ',']), text[end..].trim_start_matches('-'));
    let mut length = 1;
    let (mut amount, is_spelled) = match number(digits) {
        Some(amount) => (amount, false),
        None => (spelled(text)?, true),
    };
    let suffix = if is_spelled { "" } else { suffix };
    // Thousands that are set apart by spaces: `40 000`.
    let mut written = digits.to_owned();
    while !is_spelled
        && suffix.is_empty()
        && (1..=3).contains(&digits.len())
        && is_group(lower(tokens, at + length))
    {
        written.push_str(lower(tokens, at + length));
        amount = number(&written)?;
        length += 1;
    }
    let mut value = Value::of(Dimension::Number, amount);
    value.parts = written.split('.').filter_map(|part| part.parse().ok()).collect();
    if !suffix.is_empty() {
        let scale = multiplier(suffix).filter(|_| suffix == "k" || currency.is_some());
        let measured = unit(suffix).filter(|_| currency.is_none());
        match (scale, measured) {
            (Some(scale), _) => value.amount *= scale,
            (_, Some((dimension, size))) => {
                value = Value::of(dimension, amount * size);
                return Some((value, length));
            }
            _ if ["st", "nd", "rd", "th"].contains(&suffix) => return Some((value, length)),
            _ => return None,
        }
    }
    let word = lower(tokens, at + length);
    if let Some(scale) = multiplier(word).filter(|_| word.len() > 2) {
        value.amount *= scale;
        length += 1;
    }
    if let Some(sign) = currency {
        value.dimension = unit(sign.encode_utf8(&mut [0; 4]))
            .map_or(Dimension::Number, |(dimension, _)| dimension);
        return Some((value, length));
    }
    if let Some((dimension, size)) = unit(lower(tokens, at + length)) {
        value.dimension = dimension;
        value.amount *= size;
        length += 1;
    } else if is_spelled && amount < 2.0 {
        // `one` is more often a pronoun than a number.
        return None;
    }
    Some((value, length))
}

fn is_group(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number with commas between thousands, or none.
fn number(digits: &str) -> Option<f64> {
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit());
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let mut groups = whole.split(',');
    let is_grouped =
        groups.next().is_some_and(|first| first.len() <= 3) && groups.all(|group| group.len() == 3);
    let text = if whole.contains(',') && is_grouped {
        digits.replace(',', "")
    } else if whole.contains(',') && rest.is_empty() {
        // A decimal comma.
        digits.replacen(',', ".", 1)
    } else {
        digits.to_owned()
    };
    text.parse().ok().filter(|number: &f64| is_number && number.is_finite())
}
