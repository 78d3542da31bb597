//! Cutting text into sentences, to cite one and not a page.
//!
//! A sentence ends at its full stop, question or exclamation mark, in any script that has one, but
//! not inside a number, a name, an abbreviation or an address. Lines count as well: a heading, an
//! entry of a list, a row of a table and a block of code is each one piece. A line that was broken
//! to fit a page goes on in the next.

/// Abbreviations after which a sentence rarely ends, in lower case and without the last full stop.
/// Sorted by bytes.
#[rustfmt::skip]
const ABBREVIATIONS: &[&str] = &[
    "a.m", "abb", "approx", "apr", "art", "aug", "av", "bd", "bspw", "bzgl", "bzw", "ca", "capt",
    "cf", "ch", "co", "col", "corp", "d.h", "dec", "dept", "dipl", "dr", "e.g", "ed", "eds", "ej",
    "eq", "est", "etc", "evtl", "fa", "feb", "ff", "fig", "gen", "ggf", "gov", "hon", "hr", "i.e",
    "inc", "jan", "jr", "jul", "jun", "lt", "ltd", "mag", "mar", "max", "min", "mr", "mrs", "ms",
    "mt", "mwst", "no", "nos", "nov", "nr", "oct", "op", "p", "p.m", "p.s", "ph.d", "pp", "pres",
    "prof", "pt", "ref", "rev", "s.o", "s.u", "sen", "sep", "sept", "sr", "sra", "st", "str",
    "tel", "u.a", "u.k", "u.s", "usw", "v", "vgl", "viz", "vol", "vs", "z.b", "z.t", "zzgl",
];

/// Lines shorter than this, in bytes, weren't broken to fit a page.
const BROKEN_LINE: usize = 60;

/// The sentences of a text, in their order, without the white space around them. None is blank.
#[must_use]
pub fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for piece in pieces(text) {
        if piece.starts_with("```") || piece.starts_with("~~~") || piece.starts_with('|') {
            found.push(piece);
        } else {
            cut(piece, &mut found);
        }
    }
    found
}

/// Whether a line begins something of its own: a heading, an entry of a list, a row, a quotation.
#[must_use]
pub fn begins_piece(line: &str) -> bool {
    let line = line.trim_start();
    let after_mark = line.trim_start_matches(['-', '*', '+', '•', '–', '#', '>']);
    if after_mark.len() < line.len() && after_mark.starts_with([' ', '\t']) {
        return true;
    }
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = line.len() - after_number.len();
    line.starts_with('|')
        || (1..=3).contains(&digits)
            && (after_number.starts_with(". ") || after_number.starts_with(") "))
}

/// The text in pieces that no sentence crosses.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    // Where the piece that is being read begins and ends.
    let mut open: Option<(usize, usize)> = None;
    let mut fence: Option<&str> = None;
    let mut at = 0;
    let push = |pieces: &mut Vec<_>, open: &mut Option<(usize, usize)>| {
        if let Some((from, to)) = open.take() {
            pieces.push(text[from..to].trim());
        }
    };
    for line in text.split_inclusive('\n') {
        let (from, to) = (at, at + line.trim_end().len());
        at += line.len();
        let shown = line.trim();
        if let Some(mark) = fence {
            open = open.map(|(begin, _)| (begin, to.max(from)));
            if shown.starts_with(mark) {
                fence = None;
                push(&mut pieces, &mut open);
            }
            continue;
        }
        if shown.is_empty() {
            push(&mut pieces, &mut open);
            continue;
        }
        let mark = ["```", "~~~"].into_iter().find(|mark| shown.starts_with(mark));
        let goes_on = open.is_some_and(|(begin, end)| is_continued(&text[begin..end], shown));
        if mark.is_some() || !goes_on {
            push(&mut pieces, &mut open);
        }
        open = Some((open.map_or(from, |(begin, _)| begin), to));
        fence = mark;
    }
    push(&mut pieces, &mut open);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Whether what was read so far goes on in the next line.
fn is_continued(before: &str, line: &str) -> bool {
    let last = before.rsplit('\n').next().unwrap_or(before).trim();
    if begins_piece(line) || last.starts_with('#') || last.starts_with('|') {
        return false;
    }
    // A stop at the end of the line ends the sentence by itself.
    line.starts_with(char::is_lowercase) || last.len() >= BROKEN_LINE
}

/// Cuts a piece where sentences end.
fn cut<'a>(piece: &'a str, found: &mut Vec<&'a str>) {
    let mut start = 0;
    let mut chars = piece.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if !is_stop(c) {
            continue;
        }
        let mut end = at + c.len_utf8();
        while let Some((next, c)) = chars.next_if(|(_, c)| is_stop(*c) || closes(*c)) {
            end = next + c.len_utf8();
        }
        let rest = &piece[end..];
        if ends(&piece[start..at], c, rest) {
            push(&piece[start..end], found);
            start = end;
        }
    }
    push(&piece[start..], found);
}

fn push<'a>(sentence: &'a str, found: &mut Vec<&'a str>) {
    let sentence = sentence.trim();
    if sentence.chars().any(char::is_alphanumeric) {
        found.push(sentence);
    }
}

fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…')
        || needs_no_space(c)
        || matches!(c, '؟' | '۔' | '।' | '։' | '።')
}

/// Stops of scripts that write no space after them.
fn needs_no_space(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '｡' | '។' | '။')
}

fn closes(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | ')' | ']' | '}' | '”' | '’' | '»' | '」' | '』' | '）' | '】' | '*' | '_'
    )
}

/// Whether a stop ends the sentence that is before it.
fn ends(before: &str, stop: char, rest: &str) -> bool {
    if needs_no_space(stop) || rest.is_empty() {
        return true;
    }
    if !rest.starts_with(char::is_whitespace) {
        return false;
    }
    if stop != '.' {
        // `Really? he asked` goes on; `Really? He asked.` doesn't.
        return stop == '؟' || !rest.trim_start().starts_with(char::is_lowercase) || stop == '!';
    }
    let word = before.rsplit(|c: char| c.is_whitespace() || "([{\"'“‘".contains(c)).next();
    let word = word.unwrap_or_default();
    let letters = word.chars().count();
    // An initial, or the number of an entry at the beginning.
    let is_initial = letters == 1 && word.chars().all(char::is_uppercase);
    let is_number = letters < 4
        && word.len() == before.trim().len()
        && word.bytes().all(|byte| byte.is_ascii_digit());
    !(is_initial || is_number || is_day(word, rest) || is_abbreviation(word, rest))
}

/// Whether it is the day of a month, as in `4. April`.
fn is_day(word: &str, rest: &str) -> bool {
    let next: String = rest.trim_start().to_lowercase().chars().take(3).collect();
    let is_number = word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
    is_number && !word.is_empty() && MONTHS.contains(&next.as_str())
}

/// How months begin, in languages that write a day with a full stop.
const MONTHS: [&str; 22] = [
    "jan", "feb", "mär", "mar", "apr", "mai", "maj", "jun", "jul", "aug", "sep", "okt", "nov",
    "dez", "des", "dec", "led", "úno", "bře", "dub", "kvě", "čer",
];

fn is_abbreviation(word: &str, rest: &str) -> bool {
    let lower = word.to_lowercase();
    if ABBREVIATIONS.binary_search(&lower.as_str()).is_err() {
        return false;
    }
    // These end a sentence as often as not, so the next letter decides; the others don't.
    let may_end = [
        "a.m", "approx", "co", "corp", "etc", "inc", "jr", "ltd", "max", "min", "no", "p.m", "sr",
        "u.k", "u.s", "usw",
    ];
    let is_month =
        ["apr", "aug", "dec", "feb", "jan", "jul", "jun", "mar", "nov", "oct", "sep", "sept"];
    let next = rest.trim_start().chars().next();
    if is_month.contains(&lower.as_str()) || lower == "no" {
        return next.is_some_and(char::is_numeric);
    }
    !may_end.contains(&lower.as_str()) || !next.is_some_and(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_abbreviations_are_sorted() {
        assert!(ABBREVIATIONS.is_sorted());
    }

    #[test]
    fn a_sentence_ends_at_its_stop_and_nowhere_else() {
        for (text, expected) in [
            ("Tea is hot. Milk is cold.", &["Tea is hot.", "Milk is cold."][..]),
            ("Is it? Yes! So be it…", &["Is it?", "Yes!", "So be it…"]),
            ("\"Really?\" he asked. She nodded.", &["\"Really?\" he asked.", "She nodded."]),
            (
                "Dr. Ada Vance, e.g. on Mon. at 3 p.m. in St. Ives.",
                &["Dr. Ada Vance, e.g. on Mon.", "at 3 p.m. in St. Ives."],
            ),
            ("We met at 3 p.m. Then we left.", &["We met at 3 p.m.", "Then we left."]),
            ("It is in the U.S. today.", &["It is in the U.S. today."]),
            (
                "J. R. Ewing came on Nov. 3 and left in Nov. He paid.",
                &["J. R. Ewing came on Nov. 3 and left in Nov.", "He paid."],
            ),
            (
                "Use v1.2.3 of tokio.rs, at 3.14 or https://a.b/c?d=e.",
                &["Use v1.2.3 of tokio.rs, at 3.14 or https://a.b/c?d=e."],
            ),
            ("i like tea. my dog is bo.", &["i like tea.", "my dog is bo."]),
            ("See No. 5. Is that a no. Yes.", &["See No. 5.", "Is that a no.", "Yes."]),
            ("He said \"stop.\" Then he left.", &["He said \"stop.\"", "Then he left."]),
            ("Wait... what? Fine.", &["Wait...", "what?", "Fine."]),
            ("**Bold.** Plain.", &["**Bold.**", "Plain."]),
            ("1. First. Then", &["1. First.", "Then"]),
            (
                "z.B. am Montag bzw. Dienstag. Danach nicht.",
                &["z.B. am Montag bzw. Dienstag.", "Danach nicht."],
            ),
            (
                "猫が好き。犬も好き！「はい。」そうです",
                &["猫が好き。", "犬も好き！", "「はい。」", "そうです"],
            ),
            ("我们周五部署。为什么？因为稳定。", &["我们周五部署。", "为什么？", "因为稳定。"]),
            ("हम चाय पीते हैं। वह दूध पीता है।", &["हम चाय पीते हैं।", "वह दूध पीता है।"]),
            ("متى؟ غدا.", &["متى؟", "غدا."]),
            ("", &[]),
            (" \n . … \n", &[]),
        ] {
            assert_eq!(sentences(text), expected, "{text}");
        }
    }

    #[test]
    fn lines_that_are_pieces_stay_apart_and_broken_lines_stay_together() {
        for (text, expected) in [
            ("# Deploys\nWe deploy on Fridays.", &["# Deploys", "We deploy on Fridays."][..]),
            ("- tea\n- milk. cold\n2) mead", &["- tea", "- milk.", "cold", "2) mead"]),
            ("Name: Ada\nCity: Bergen", &["Name: Ada", "City: Bergen"]),
            ("a line that\ngoes on. And\nends", &["a line that\ngoes on.", "And\nends"]),
            (
                "This line is long enough to have been broken at its end by an\nEditor that wraps.",
                &[
                    "This line is long enough to have been broken at its end by an\nEditor that wraps.",
                ],
            ),
            (
                "Run:\n```sh\ncargo test. Now.\n\nls\n```\nDone.",
                &["Run:", "```sh\ncargo test. Now.\n\nls\n```", "Done."],
            ),
            ("| a. b | c |\n| d | e |", &["| a. b | c |", "| d | e |"]),
            ("```\nnever closed. Really.", &["```\nnever closed. Really."]),
            ("one\r\n\r\ntwo", &["one", "two"]),
        ] {
            assert_eq!(sentences(text), expected, "{text}");
        }
    }

    #[test]
    fn whatever_is_cut_is_there_in_its_order() {
        let texts =
            ["a. b! 。」x", "```\n```\n```", "…\u{301}. 。A", "| |\n#\n- ", "é. É? ñ", "…a…b"];
        for text in texts {
            let mut from = 0;
            for sentence in sentences(text) {
                let at = text[from..].find(sentence).expect("a part of the text, after the last");
                from += at + sentence.len();
            }
        }
    }
}
