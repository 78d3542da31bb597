//! Which script a character is of, as far as cutting words goes, and how it is folded.
//!
//! Ranges follow the blocks of the Unicode Character Database; where a script is mixed with signs
//! that don't matter here (Thai currency, Dingbat arrows), the ranges say so. Alphabets that put
//! spaces between their words are all one kind, [`Kind::Word`]: a word may mix Latin, Greek and
//! digits.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// What a character is to the cutter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Separates: space, control, punctuation, symbol, unassigned.
    Break,
    /// A letter, digit or vowel sign of a script that writes spaces between words.
    Word,
    /// Chinese characters, kana, Bopomofo, Yi: no spaces, one character carries a meaning.
    Ideograph,
    /// Thai, Lao, Khmer, Myanmar and their neighbours: no spaces, letters carry marks.
    Cluster,
    /// Korean syllables: spaces, but particles are attached to the word.
    Hangul,
    /// An emoji or pictograph, a word on its own.
    Pictograph,
    /// Half of a flag (regional indicator).
    Flag,
}

impl Kind {
    /// The kind of a character of normalized text (see [`normal`]).
    pub(super) fn of(c: char) -> Kind {
        if c.is_ascii() {
            return if c.is_ascii_alphanumeric() { Kind::Word } else { Kind::Break };
        }
        match u32::from(c) {
            // Signs among the letters below: Thai and Lao, Myanmar, Khmer, Javanese, kana; arrows
            // and ornamental brackets among the Dingbats.
            0x0E3F
            | 0x0E46
            | 0x0E4F
            | 0x0E5A..=0x0E5B
            | 0x0EC6
            | 0x104A..=0x104F
            | 0x17D4..=0x17DB
            | 0xA9C1..=0xA9CD
            | 0x30A0
            | 0x30FB
            | 0x2768..=0x2775
            | 0x2794
            | 0x2798..=0x27AF
            | 0x27B1..=0x27BE => Kind::Break,
            // Thai and Lao, Myanmar, Khmer, Tai Le, New Tai Lue, Tai Tham, Javanese, Myanmar
            // Extended-B and -A, Tai Viet.
            0x0E01..=0x0EFF
            | 0x1000..=0x109F
            | 0x1780..=0x17DD
            | 0x1950..=0x19DF
            | 0x1A20..=0x1A7C
            | 0xA980..=0xA9FE
            | 0xAA60..=0xAADD => Kind::Cluster,
            0x1100..=0x11FF | 0xA960..=0xA97C | 0xAC00..=0xD7FB => Kind::Hangul,
            0x3005..=0x3007
            | 0x3041..=0x30FF
            | 0x3105..=0x312F
            | 0x31A0..=0x31BF
            | 0x31F0..=0x31FF
            | 0x3400..=0x4DBF
            | 0x4E00..=0xA48C
            | 0xF900..=0xFAFF
            | 0x1B000..=0x1B16F
            | 0x20000..=0x323AF => Kind::Ideograph,
            0x1F1E6..=0x1F1FF => Kind::Flag,
            0x231A..=0x231B
            | 0x2328
            | 0x23CF
            | 0x23E9..=0x23FA
            | 0x2600..=0x27BF
            | 0x2B1B..=0x2B1C
            | 0x2B50..=0x2B59
            | 0x1F000..=0x1F7FF
            | 0x1F900..=0x1FAFF => Kind::Pictograph,
            _ => Kind::lettered(c),
        }
    }

    fn lettered(c: char) -> Kind {
        // Alphabetic leaves out viramas and other signs that stand inside a word.
        if c.is_alphanumeric() || is_combining_mark(c) { Kind::Word } else { Kind::Break }
    }
}

/// Whether a character is a Chinese character or a kana that carries meaning by itself.
///
/// Hiragana and the commonest Chinese particles hold a sentence together and don't count.
pub(super) fn is_content(c: char) -> bool {
    !matches!(c, '\u{3041}'..='\u{309F}' | '的' | '了' | '吗' | '嗎' | '呢' | '吧')
}

/// Whether the letter after this sign belongs to the same cluster (Khmer coeng, Myanmar virama,
/// sakot).
fn stacks(c: char) -> bool {
    matches!(c, '\u{17D2}' | '\u{1039}' | '\u{1A60}' | '\u{A9C0}')
}

/// Whether a character may stand between the letters of one word as an apostrophe.
pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{02BC}' | '\u{02BB}' | '\u{00B7}' | '\u{05F3}')
}

/// The text as the cutter reads it: compatibility forms composed (NFKC, UAX #15), invisible
/// characters and optional marks left out, every decimal digit an ASCII digit. Case is kept, for
/// camel case.
pub(super) fn normal(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut normal = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        // ASCII is normal already, save that a mark may follow its last character.
        let ascii = rest.bytes().take_while(u8::is_ascii).count();
        let plain = if ascii == rest.len() { ascii } else { ascii.saturating_sub(1) };
        normal.push_str(&rest[..plain]);
        rest = &rest[plain..];
        let mut end = rest.len().min(ascii - plain);
        end += rest[end..].bytes().take_while(|byte| !byte.is_ascii()).count();
        let composed = rest[..end].chars().filter(|c| !is_silent(*c)).map(typed).nfkc();
        normal.extend(composed.filter(|c| !is_silent(*c)).map(digit));
        rest = &rest[end..];
    }
    Cow::Owned(normal)
}

/// Keeps compatibility forms from gluing a trade mark to the word before it, or cutting at an
/// accent typed for an apostrophe.
fn typed(c: char) -> char {
    match c {
        '™' | '℠' => ' ',
        '´' => '\'',
        c => c,
    }
}

/// Whether a character is left out: invisible, a modifier of another, or a mark that writers omit.
fn is_silent(c: char) -> bool {
    if c < '\u{0300}' {
        return c == '\u{00AD}';
    }
    matches!(u32::from(c),
        // Accents on Latin, Greek and Cyrillic; their extensions; marks around symbols.
        0x0300..=0x036F | 0x0483..=0x0489 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF
        | 0xFE20..=0xFE2F
        // Hebrew points and cantillation.
        | 0x0591..=0x05BD | 0x05BF | 0x05C1..=0x05C2 | 0x05C4..=0x05C5 | 0x05C7
        // Arabic vowel signs, Koranic marks, tatweel; the Devanagari dot that writers drop.
        | 0x0610..=0x061A | 0x0640 | 0x064B..=0x065F | 0x0670 | 0x06D6..=0x06DC
        | 0x06DF..=0x06E8 | 0x06EA..=0x06ED | 0x08D3..=0x08FF | 0x093C
        // Joiners, zero-width spaces, direction marks, fillers.
        | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
        | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFF8
        // Variation selectors, skin tones, tags.
        | 0xFE00..=0xFE0F | 0x1F3FB..=0x1F3FF | 0xE0000..=0xE0FFF)
}

/// The first character of each run of ten decimal digits (general category Nd) outside ASCII that
/// compatibility doesn't fold.
const ZEROS: [u32; 20] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810,
];

fn digit(c: char) -> char {
    let code = u32::from(c);
    if !(0x0660..0x1820).contains(&code) {
        return c;
    }
    let zero = ZEROS[..ZEROS.partition_point(|zero| *zero <= code)].last();
    zero.and_then(|zero| char::from_digit(code - zero, 10)).unwrap_or(c)
}

/// Appends a character of normalized text in lower case, without accents, in one of its spellings.
pub(super) fn fold(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(c.to_ascii_lowercase());
        return;
    }
    for lower in c.to_lowercase() {
        if lower < '\u{0530}' || ('\u{1E00}'..='\u{1FFF}').contains(&lower) {
            decompose_canonical(lower, |part| spell(part, out));
        } else {
            spell(lower, out);
        }
    }
}

fn spell(c: char, out: &mut String) {
    match c {
        'ß' => out.push_str("ss"),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        'þ' => out.push_str("th"),
        'ø' => out.push('o'),
        'ł' => out.push('l'),
        'đ' | 'ð' => out.push('d'),
        'ħ' => out.push('h'),
        'ŧ' => out.push('t'),
        'ı' => out.push('i'),
        'ς' => out.push('σ'),
        // Arabic: alef, waw and ya with hamza or madda, alef maksura, ta marbuta; Persian ya and
        // kaf.
        'أ' | 'إ' | 'آ' | 'ٱ' => out.push('ا'),
        'ؤ' => out.push('و'),
        'ى' | 'ئ' | 'ی' => out.push('ي'),
        'ة' => out.push('ه'),
        'ک' => out.push('ك'),
        c if is_silent(c) || c.is_ascii_punctuation() => {}
        c => out.push(c),
    }
}

/// Where the characters of a run of a script without spaces begin, marks counted with what they
/// mark, and its end.
pub(super) fn bounds(run: &str) -> Vec<usize> {
    let mut bounds = Vec::with_capacity(run.len() / 3 + 2);
    let mut joins = false;
    for (at, c) in run.char_indices() {
        if at == 0 || !(joins || is_combining_mark(c)) {
            bounds.push(at);
        }
        joins = stacks(c);
    }
    bounds.push(run.len());
    bounds
}
