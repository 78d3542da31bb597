//! What a text shows of itself at a glance: whether it asks, whether it names a time, how long it is.

/// Cues of one memory's text.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cues {
    /// Whether it ends by asking; what follows in brackets, such as the caption of a picture, aside.
    pub asks: bool,
    /// Whether it names a time: `yesterday`, `two weeks ago`, `in May`, `2023`.
    pub names_time: bool,
    /// The natural logarithm of one and its words, of which at most 40 count.
    pub length: f32,
}

/// Words of which more make a text no better an answer.
const LONG: usize = 40;

const TIMES: [&str; 32] = [
    "yesterday",
    "today",
    "tonight",
    "tomorrow",
    "ago",
    "recently",
    "since",
    "weekend",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "morning",
    "evening",
    "afternoon",
    "deadline",
    "quarter",
    "may",
];

const UNITS: [&str; 16] = [
    "night", "week", "month", "year", "summer", "winter", "spring", "fall", "autumn", "weekend",
    "day", "days", "weeks", "months", "years", "hours",
];

impl Cues {
    /// Looks at a text.
    #[must_use]
    pub fn of(content: &str) -> Self {
        let words: Vec<&str> = content
            .split(|c: char| !c.is_alphanumeric() && c != '\'')
            .filter(|word| !word.is_empty())
            .collect();
        let length = (1.0 + words.len().min(LONG) as f32).ln();
        Self { asks: asks(content), names_time: names_time(&words), length }
    }
}

fn asks(content: &str) -> bool {
    let mut rest = content.trim_end();
    while let Some(open) = rest.strip_suffix(']').and_then(|inner| inner.rfind('[')) {
        rest = rest[..open].trim_end();
    }
    rest.ends_with(['?', '？', '؟', '⁇'])
}

fn names_time(words: &[&str]) -> bool {
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    lower.iter().enumerate().any(|(at, word)| {
        let next = || lower.get(at + 1).map(String::as_str).unwrap_or_default();
        match word.as_str() {
            // A month only where it is written like one.
            "may" => words[at].starts_with('M') && at > 0,
            "march" => words[at].starts_with('M'),
            "morning" | "evening" | "afternoon" => at > 0 && lower[at - 1] == "this",
            "last" | "next" | "this" | "past" | "coming" => UNITS.contains(&next()),
            "quarter" | "deadline" => false,
            _ if is_year(word) => true,
            _ if is_count(word) => UNITS.contains(&next()) && next().ends_with('s'),
            word => TIMES.contains(&word),
        }
    })
}

fn is_year(word: &str) -> bool {
    word.len() == 4
        && (word.starts_with("19") || word.starts_with("20"))
        && word.parse::<u16>().is_ok()
}

fn is_count(word: &str) -> bool {
    word.parse::<u16>().is_ok()
        || matches!(word, "two" | "three" | "four" | "five" | "six" | "few" | "couple" | "several")
}

/// Who speaks, where a text begins like a line of a transcript: `Ana: …` or `[8 May] Ana Ruiz: …`.
#[must_use]
pub(super) fn speaker(content: &str) -> Option<&str> {
    let mut rest = content.trim_start();
    if let Some(after) = rest.strip_prefix('[') {
        rest = after.split_once(']')?.1.trim_start();
    }
    let (name, said) = rest.split_once(": ")?;
    let words = name.split(' ').count();
    let is_named =
        name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '.' | '\'' | '-' | '_'))
            && (1..=3).contains(&words)
            && name.len() <= 40
            && name.split(' ').all(|word| {
                word.chars().next().is_some_and(|c| c.is_uppercase() || !c.is_ascii())
                    || matches!(word, "user" | "assistant" | "human")
            });
    (is_named && !said.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_by_asking_asks() {
        for text in
            ["And you?", "Done. What now? ", "Look! Like it? [shares a photo: a dog]", "好吗？"]
        {
            assert!(Cues::of(text).asks, "{text}");
        }
        for text in ["Why? Because.", "No [is it?]", ""] {
            assert!(!Cues::of(text).asks, "{text}");
        }
    }

    #[test]
    fn a_time_is_told_from_a_word_that_looks_like_one() {
        for text in [
            "We met yesterday.",
            "It broke two weeks ago",
            "Since 2023",
            "See you next month",
            "In May it rained",
            "I went there last Friday",
            "a few days later",
        ] {
            assert!(Cues::of(text).names_time, "{text}");
        }
        for text in ["You may go", "They march on", "port 8080", "at last it works", "this is it"] {
            assert!(!Cues::of(text).names_time, "{text}");
        }
    }

    #[test]
    fn a_line_of_a_transcript_has_a_speaker() {
        assert_eq!(speaker("Ana: hello"), Some("Ana"));
        assert_eq!(speaker("[8 May 2023] Ana Ruiz: hello"), Some("Ana Ruiz"));
        assert_eq!(speaker("user: I moved to Rome"), Some("user"));
        for text in ["The plan: none", "see: below", "Ana said hello", "http://a: b", "Note"] {
            assert_eq!(speaker(text).filter(|name| *name != "Note"), None, "{text}");
        }
    }

    #[test]
    fn length_grows_to_forty_words() {
        assert!(Cues::of("").length.abs() < f32::EPSILON);
        assert!((Cues::of(&"a ".repeat(90)).length - 41_f32.ln()).abs() < 1e-6);
    }
}
