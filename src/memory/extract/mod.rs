//! From a conversation to the statements in it that are worth keeping. Rules, no language model: what
//! is kept stands word for word in what somebody said.
//!
//! The one idea: a sentence is kept if it says how something is held (preferred, decided, promised,
//! wanted, always to be done), or what holds or happened of somebody or something that it names. Questions, requests of
//! the moment, suppositions, greetings and talk about the talk are left out. The rules know English; of what they don't
//! know they keep nothing. Open [`rules`] for them.

mod leave;
mod rules;
#[cfg(test)]
mod tests;

use super::fields::MemoryType;
use crate::core::text::{self, sentences::sentences};

/// One turn of a conversation.
#[derive(Debug, Clone)]
pub struct Turn<'a> {
    /// Who speaks, as the program that made it says: `user`, `assistant`, or a name.
    pub role: &'a str,
    /// The name of who speaks, if it is known.
    pub name: Option<&'a str>,
    pub content: &'a str,
}

/// A statement that is worth keeping.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// As it was said.
    pub content: String,
    pub memory_type: MemoryType,
    /// 0 to 1: how surely it is one.
    pub confidence: f64,
    pub speaker: String,
    /// Which turn it stands in, from 0.
    pub turn: usize,
}

/// The longest statement that is kept, in characters: what is longer is a text and no statement.
const LONGEST: usize = 600;

/// Who doesn't speak for the user.
const MACHINES: [&str; 10] =
    ["assistant", "system", "tool", "function", "developer", "bot", "ai", "model", "agent", "log"];

/// The statements of a conversation that are worth keeping, in its order, and how many more there
/// were than `most`; those left out are the least sure.
#[must_use]
pub fn extract(turns: &[Turn<'_>], most: usize) -> (Vec<Candidate>, usize) {
    let mut found: Vec<Candidate> = Vec::new();
    for (at, turn) in turns.iter().enumerate() {
        if MACHINES.contains(&turn.role.trim().to_lowercase().as_str()) {
            continue;
        }
        let speaker = text::one_line(turn.name.unwrap_or(turn.role), 64);
        // What the sentence before it gave, so that one that begins with `she` can join it.
        let mut before: Option<usize> = None;
        for sentence in sentences(turn.content) {
            let sentence = plain(sentence);
            if leans(sentence) {
                if let Some(last) = before {
                    join(&mut found[last], sentence);
                }
                continue;
            }
            before = None;
            let Some((memory_type, confidence)) = rules::told(sentence) else { continue };
            let is_new = !found.iter().any(|known| folded(&known.content) == folded(sentence));
            if !is_new || text::chars(sentence) > LONGEST {
                continue;
            }
            before = Some(found.len());
            found.push(Candidate {
                content: sentence.to_owned(),
                memory_type,
                confidence,
                speaker: speaker.clone(),
                turn: at,
            });
        }
    }
    let left_out = found.len().saturating_sub(most);
    while found.len() > most {
        let least = (0..found.len())
            .rev()
            .min_by(|a, b| found[*a].confidence.total_cmp(&found[*b].confidence).then(b.cmp(a)));
        if let Some(least) = least {
            found.remove(least);
        }
    }
    (found, left_out)
}

/// A sentence without the mark of a list before it.
fn plain(sentence: &str) -> &str {
    let marks = |c: char| c.is_whitespace() || "-*•#+".contains(c);
    sentence.trim_start_matches(marks).trim()
}

/// Adds a sentence that points at the statement before it, if it states something as well.
fn join(before: &mut Candidate, sentence: &str) {
    let length = text::chars(&before.content) + text::chars(sentence);
    if length < LONGEST && !leave::is_left_out(sentence, &folded(sentence)) {
        before.content.push(' ');
        before.content.push_str(sentence);
    }
}

/// Whether a sentence begins with a word that stands for somebody named before.
fn leans(sentence: &str) -> bool {
    if sentence.starts_with("It turn") {
        return false;
    }
    let first = sentence.split(|c: char| !c.is_alphabetic() && c != '\'').next();
    let first = first.unwrap_or_default().to_lowercase();
    let bare = first.split('\'').next().unwrap_or_default();
    ["he", "she", "they", "his", "her", "their", "it", "its"].contains(&bare)
}

/// The words in lower case between single spaces, one at either end.
fn folded(sentence: &str) -> String {
    let mut folded = String::from(" ");
    for word in sentence.split(|c: char| !(c.is_alphanumeric() || "'’@/.:-_".contains(c))) {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        if !word.is_empty() {
            folded.push_str(&word.replace('’', "'").to_lowercase());
            folded.push(' ');
        }
    }
    folded
}
