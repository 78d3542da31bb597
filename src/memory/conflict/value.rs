//! What can be told apart by more than its letters: numbers with their units, money, dates, times.

/// What a value measures. Values of two kinds are never compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dimension {
    /// A number without a unit, or whose unit is a word of the statement.
    Number,
    /// Three numbers or more with dots between, or a `v` before them.
    Version,
    Bytes,
    /// Milliseconds.
    Duration,
    /// How often: the milliseconds between.
    Every,
    Percent,
    /// Minutes of a day.
    Clock,
    Weekday,
    Date,
    Money(&'static str),
    Metre,
    Gram,
    Watt,
}

/// From which side a value limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    None,
    Most,
    Least,
}

/// A date, or as much of one as is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PartialDate {
    pub(super) year: Option<u32>,
    pub(super) quarter: Option<u32>,
    pub(super) month: Option<u32>,
    pub(super) day: Option<u32>,
}

/// One value of a statement.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    pub(super) dimension: Dimension,
    pub(super) amount: f64,
    pub(super) bound: Bound,
    /// `per month`: the milliseconds of the unit that it is counted for.
    pub(super) per: Option<f64>,
    pub(super) date: PartialDate,
    /// The numbers of a version.
    pub(super) parts: Vec<u32>,
}

/// How two values stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// The same, or one is a part of the other.
    Same,
    Different,
    /// They say different things, and both may hold.
    Apart,
}

impl Value {
    pub(super) fn of(dimension: Dimension, amount: f64) -> Self {
        let date = PartialDate::default();
        Self { dimension, amount, bound: Bound::None, per: None, date, parts: Vec::new() }
    }

    pub(super) fn date(date: PartialDate) -> Self {
        Self { date, ..Self::of(Dimension::Date, 0.0) }
    }

    /// Whether it says when.
    pub(super) fn is_of_time(&self) -> bool {
        matches!(self.dimension, Dimension::Date | Dimension::Weekday | Dimension::Clock)
    }

    /// Compares two values that stand at the same place of two statements.
    pub(super) fn relation(&self, other: &Value) -> Relation {
        use Dimension::{Date, Money, Number, Version};
        let opposed = [self.bound, other.bound];
        if opposed.contains(&Bound::Most) && opposed.contains(&Bound::Least) {
            return Relation::Apart;
        }
        match (self.dimension, other.dimension) {
            (Date, Date) => self.date.relation(&other.date),
            (Number | Version, Number | Version) if self.dimension != other.dimension => {
                told(self.parts == other.parts)
            }
            (Version, Version) => told(self.parts == other.parts),
            (Money(_), Money(_)) if self.per != other.per => Relation::Apart,
            (one, two) if one != two => Relation::Apart,
            _ => match (self.per, other.per) {
                (None, None) => told(is_near(self.amount, other.amount)),
                (Some(one), Some(two)) => told(is_near(self.amount / one, other.amount / two)),
                _ => Relation::Apart,
            },
        }
    }
}

impl PartialDate {
    fn relation(&self, other: &PartialDate) -> Relation {
        let quarter =
            |date: &PartialDate| date.quarter.or_else(|| date.month.map(|month| month.div_ceil(3)));
        let fields = [
            (self.year, other.year),
            (self.month, other.month),
            (quarter(self), quarter(other)),
            (self.day, other.day),
        ];
        let mut common =
            fields.iter().filter_map(|(one, two)| Some((*one)?.cmp(&(*two)?))).peekable();
        if common.peek().is_none() {
            return Relation::Apart;
        }
        told(common.all(std::cmp::Ordering::is_eq))
    }
}

fn told(is_same: bool) -> Relation {
    if is_same { Relation::Same } else { Relation::Different }
}

/// Equal but for what arithmetic of fractions loses.
fn is_near(one: f64, two: f64) -> bool {
    (one - two).abs() <= 1e-9 * one.abs().max(two.abs())
}

/// A unit, its dimension, and how many of that dimension's own unit it is.
pub(super) fn unit(word: &str) -> Option<(Dimension, f64)> {
    use Dimension::{Bytes, Duration, Gram, Metre, Money, Percent, Watt};
    const SECOND: f64 = 1000.0;
    const DAY: f64 = 86_400_000.0;
    Some(match word {
        "ms" | "millisecond" | "milliseconds" => (Duration, 1.0),
        "s" | "sec" | "secs" | "second" | "seconds" | "sekunden" | "secondes" | "segundos" => {
            (Duration, SECOND)
        }
        "min" | "mins" | "minute" | "minutes" | "minuten" | "minutos" => (Duration, 60.0 * SECOND),
        "h" | "hr" | "hrs" | "hour" | "hours" | "stunden" | "heures" | "horas" => {
            (Duration, 3600.0 * SECOND)
        }
        "d" | "day" | "days" | "tage" | "tagen" | "jours" | "días" | "dias" => (Duration, DAY),
        "week" | "weeks" | "wochen" | "semaines" | "semanas" => (Duration, 7.0 * DAY),
        "month" | "months" | "monate" | "mois" | "meses" => (Duration, 30.0 * DAY),
        "quarter" | "quarters" => (Duration, 91.0 * DAY),
        "year" | "years" | "jahre" | "ans" | "años" | "anos" => (Duration, 365.0 * DAY),
        "b" | "byte" | "bytes" => (Bytes, 1.0),
        // As people mean them: a limit of 1 GB and one of 1024 MB are the same.
        "kb" | "kib" | "ki" => (Bytes, 1024.0),
        "mb" | "mib" | "mi" => (Bytes, 1_048_576.0),
        "gb" | "gib" | "gi" => (Bytes, 1_073_741_824.0),
        "tb" | "tib" | "ti" => (Bytes, 1_099_511_627_776.0),
        "%" | "percent" | "prozent" | "pct" => (Percent, 1.0),
        "$" | "usd" | "dollar" | "dollars" => (Money("usd"), 1.0),
        "€" | "eur" | "euro" | "euros" => (Money("eur"), 1.0),
        "£" | "gbp" | "pound" | "pounds" => (Money("gbp"), 1.0),
        "¥" | "jpy" | "yen" | "円" => (Money("jpy"), 1.0),
        "chf" | "francs" | "franken" => (Money("chf"), 1.0),
        "mm" => (Metre, 0.001),
        "cm" => (Metre, 0.01),
        "m" | "metres" | "meters" => (Metre, 1.0),
        "km" | "kilometres" | "kilometers" => (Metre, 1000.0),
        "miles" | "mile" => (Metre, 1609.344),
        "g" | "grams" => (Gram, 1.0),
        "kg" | "kilograms" | "kilos" => (Gram, 1000.0),
        "t" | "tons" | "tonnes" => (Gram, 1_000_000.0),
        "w" | "watt" | "watts" => (Watt, 1.0),
        "kw" | "kilowatts" => (Watt, 1000.0),
        _ => return None,
    })
}

/// How often something is, by one word.
pub(super) fn every(word: &str) -> Option<f64> {
    let days = match word {
        "hourly" => return Some(3_600_000.0),
        "daily" | "nightly" => 1.0,
        "weekly" => 7.0,
        "biweekly" | "fortnightly" => 14.0,
        "monthly" => 30.0,
        "quarterly" => 91.0,
        "yearly" | "annually" | "annual" => 365.0,
        _ => return None,
    };
    Some(days * 86_400_000.0)
}

/// A number that is written as a word, up to twelve and the tens.
pub(super) fn spelled(word: &str) -> Option<f64> {
    const SMALL: [&str; 13] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    const TENS: [&str; 8] =
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let small = SMALL.iter().position(|name| *name == word).map(|at| at as f64);
    small.or_else(|| TENS.iter().position(|name| *name == word).map(|at| (at + 2) as f64 * 10.0))
}

/// What a number before this word is multiplied by.
pub(super) fn multiplier(word: &str) -> Option<f64> {
    Some(match word {
        "hundred" => 100.0,
        "thousand" | "k" => 1e3,
        "million" | "millions" | "mio" | "m" => 1e6,
        "billion" | "bn" => 1e9,
        _ => return None,
    })
}

/// A month by its English name, from 1.
pub(super) fn month(word: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
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
    let word = word.trim_end_matches('.');
    let is_short = |name: &&str| name[..3] == *word || (word == "sept" && name.starts_with(word));
    NAMES
        .iter()
        .position(|name| *name == word || is_short(name))
        .and_then(|at| u32::try_from(at + 1).ok())
}

/// A day of the week by its English name, also in the plural.
pub(super) fn weekday(word: &str) -> Option<f64> {
    const NAMES: [&str; 7] =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let word = word.strip_suffix('s').unwrap_or(word);
    NAMES.iter().position(|name| *name == word).map(|at| at as f64)
}
