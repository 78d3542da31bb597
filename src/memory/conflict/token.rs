//! Cuts a statement into clauses, and each into tokens.

use unicode_normalization::UnicodeNormalization;

/// One word as it stands, without the punctuation around it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) raw: String,
    pub(super) lower: String,
    /// Whether it had `'s`, which is cut off.
    pub(super) is_possessive: bool,
    /// Whether a comma stood behind it.
    pub(super) has_comma: bool,
}

/// A sentence, or a part that stands for itself.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clause {
    pub(super) tokens: Vec<Token>,
    pub(super) is_question: bool,
}

/// Clauses that are looked at; a long text says more than rules like these can compare.
const MOST_CLAUSES: usize = 24;

/// Tokens of a clause that are looked at.
const MOST_TOKENS: usize = 80;

const TITLES: [&str; 10] = ["mr", "mrs", "ms", "dr", "prof", "st", "no", "approx", "e.g", "i.e"];

/// The clauses of a text, in order.
pub(super) fn clauses(text: &str) -> Vec<Clause> {
    let text: String = text.nfkc().collect();
    let mut all = Vec::new();
    let mut tokens = Vec::new();
    for line in text.lines() {
        for piece in pieces(line) {
            if all.len() == MOST_CLAUSES {
                return all;
            }
            let ends = end_of(&piece);
            tokens.extend(token(&piece).filter(|_| tokens.len() < MOST_TOKENS));
            if ends != End::No {
                finish(&mut tokens, ends == End::Question, &mut all);
            }
        }
        finish(&mut tokens, false, &mut all);
    }
    all
}

fn finish(tokens: &mut Vec<Token>, is_question: bool, all: &mut Vec<Clause>) {
    if !tokens.is_empty() {
        all.push(Clause { tokens: std::mem::take(tokens), is_question });
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    No,
    Clause,
    Question,
}

/// Whether a clause ends with this piece.
fn end_of(piece: &str) -> End {
    let bare = piece.trim_end_matches(['"', '”', '»', ')', ']', '\'', '’']);
    let word = bare.trim_end_matches('.').to_lowercase();
    match bare.chars().next_back() {
        Some('?' | '？') => End::Question,
        Some('!' | ';' | ':' | '。' | '—') => End::Clause,
        // An initial or a title isn't the end of a sentence.
        Some('.') if word.chars().count() > 1 && !TITLES.contains(&word.as_str()) => End::Clause,
        _ => End::No,
    }
}

/// The pieces between spaces; a character of a script without spaces is one by itself.
fn pieces(line: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    for c in line.chars() {
        if c.is_whitespace() || is_alone(c) {
            if !piece.is_empty() {
                pieces.push(std::mem::take(&mut piece));
            }
            if !c.is_whitespace() {
                pieces.push(c.to_string());
            }
        } else {
            piece.push(c);
        }
    }
    pieces.push(piece);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Kana, Chinese characters, and their punctuation.
fn is_alone(c: char) -> bool {
    matches!(u32::from(c), 0x3001..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0x20000..=0x2FFFF)
}

fn token(piece: &str) -> Option<Token> {
    let is_edge = |c: char| !c.is_alphanumeric() && !"$€£¥%/_".contains(c);
    let start = piece.find(|c: char| !is_edge(c) || c == '-').unwrap_or(piece.len());
    let core = piece[start..].trim_end_matches(is_edge);
    let (core, is_possessive) = match core.strip_suffix("'s").or_else(|| core.strip_suffix("’s"))
    {
        Some(bare) => (bare, true),
        None => (core, false),
    };
    let is_plural = !is_possessive && piece[start..].starts_with(core) && {
        let after = &piece[start + core.len()..];
        after.starts_with(['\'', '’']) && core.ends_with('s')
    };
    let raw = core.replace('’', "'");
    let lower = raw.to_lowercase();
    let has_comma = piece.ends_with([',', '、']);
    let is_said = raw.chars().any(|c| c.is_alphanumeric() || "%$€".contains(c));
    is_said.then_some(Token { raw, lower, is_possessive: is_possessive || is_plural, has_comma })
}
