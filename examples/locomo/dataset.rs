//! A LoCoMo file: conversations with their turns as memories, and questions with their evidence.
//!
//! What people call the LoCoMo format varies in small ways, and the data itself has slips: evidence
//! that names several turns in one text (`D8:6; D9:17`), ids with a stray colon or zero (`D:11:26`,
//! `D30:05`), turns that aren't there, dates of sessions that aren't there. Those are mended or left
//! out; what can't be a conversation at all is refused by name.

use std::collections::HashMap;
use std::path::Path;

use jiff::civil::DateTime;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::failure::{Failure, Result};

/// One conversation of the file.
#[derive(Debug, PartialEq)]
pub(crate) struct Conversation {
    pub(crate) sample_id: String,
    /// In the order in which they were said.
    pub(crate) turns: Vec<Turn>,
    /// Those of categories 1 to 4 that have evidence.
    pub(crate) questions: Vec<Question>,
    /// Questions of categories 1 to 4 without a turn of evidence that exists.
    pub(crate) left_out: usize,
}

/// What one of the two said, once.
#[derive(Debug, PartialEq)]
pub(crate) struct Turn {
    pub(crate) dia_id: String,
    pub(crate) speaker: String,
    /// The text, and the caption of a picture that was shown with it.
    pub(crate) content: String,
    /// `<sample_id>/session_<n>`.
    pub(crate) thread: String,
    /// Place in the session, from 0.
    pub(crate) position: usize,
    /// When the session took place, in ISO 8601. The file knows no time zone; UTC is said.
    pub(crate) occurred_at: Option<String>,
}

/// A question with the turns that answer it.
#[derive(Debug, PartialEq)]
pub(crate) struct Question {
    pub(crate) text: String,
    pub(crate) category: Category,
    /// `dia_id`s of turns of the same conversation, each once; at least one.
    pub(crate) evidence: Vec<String>,
}

/// What kind of question it is, by LoCoMo's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Category {
    MultiHop,
    Temporal,
    OpenDomain,
    SingleHop,
}

impl Category {
    /// In the order of their numbers, 1 to 4.
    pub(crate) const ALL: [Category; 4] =
        [Category::MultiHop, Category::Temporal, Category::OpenDomain, Category::SingleHop];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Category::MultiHop => "multi-hop",
            Category::Temporal => "temporal",
            Category::OpenDomain => "open-domain",
            Category::SingleHop => "single-hop",
        }
    }

    /// `None` for 5, whose questions have no answer, and for what isn't known.
    fn of(number: u64) -> Option<Self> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        Category::ALL.get(place).copied()
    }
}

#[derive(Deserialize)]
struct RawConversation {
    sample_id: String,
    conversation: Map<String, Value>,
    qa: Vec<RawQuestion>,
}

#[derive(Deserialize)]
struct RawTurn {
    speaker: String,
    dia_id: String,
    #[serde(default)]
    text: String,
    blip_caption: Option<String>,
}

#[derive(Deserialize)]
struct RawQuestion {
    question: String,
    category: u64,
    #[serde(default)]
    evidence: Vec<String>,
}

/// Reads a file whole.
pub(crate) fn read(path: &Path) -> Result<Vec<Conversation>> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("{shown} can't be read: {error}")))?;
    parsed(&text).map_err(|failure| {
        failure
            .under(&format!("{shown} is not like LoCoMo"))
            .with_fix("give a JSON list of {sample_id, conversation, qa}, such as locomo10.json")
    })
}

fn parsed(text: &str) -> Result<Vec<Conversation>> {
    let list: Vec<Value> = serde_json::from_str(text).map_err(|error| {
        Failure::new(format!("it must be a JSON list of conversations: {error}"))
    })?;
    if list.is_empty() {
        return Err(Failure::new("the list of conversations is empty"));
    }
    let mut conversations: Vec<Conversation> = Vec::with_capacity(list.len());
    for (place, value) in list.into_iter().enumerate() {
        let raw: RawConversation = serde_json::from_value(value)
            .map_err(|error| Failure::new(format!("conversation {place}: {error}")))?;
        let made =
            conversation(raw).map_err(|failure| failure.under(&format!("conversation {place}")))?;
        // The tag keeps conversations apart; two with one name would be one.
        if conversations.iter().any(|other| other.sample_id == made.sample_id) {
            let id = made.sample_id;
            return Err(Failure::new(format!("conversation {place}: `{id}` is there twice")));
        }
        conversations.push(made);
    }
    Ok(conversations)
}

fn conversation(raw: RawConversation) -> Result<Conversation> {
    let RawConversation { sample_id, conversation, qa } = raw;
    let mut turns = Vec::new();
    for number in session_numbers(&conversation) {
        turns.extend(session(&sample_id, &conversation, number)?);
    }
    if turns.is_empty() {
        return Err(Failure::new("`conversation` has no turns under `session_1` and so on"));
    }
    let known: HashMap<String, &str> =
        turns.iter().map(|turn| (normal_id(&turn.dia_id), turn.dia_id.as_str())).collect();
    let mut questions = Vec::new();
    let mut left_out = 0;
    for RawQuestion { question, category, evidence } in qa {
        let Some(category) = Category::of(category) else { continue };
        let evidence = evidence_turns(&evidence, &known);
        if evidence.is_empty() {
            left_out += 1;
        } else {
            questions.push(Question { text: question, category, evidence });
        }
    }
    Ok(Conversation { sample_id, turns, questions, left_out })
}

/// The numbers of the sessions that have turns, in order.
fn session_numbers(conversation: &Map<String, Value>) -> Vec<u32> {
    let mut numbers: Vec<u32> = conversation
        .iter()
        .filter(|(_, value)| value.is_array())
        .filter_map(|(name, _)| name.strip_prefix("session_")?.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers
}

fn session(sample_id: &str, conversation: &Map<String, Value>, number: u32) -> Result<Vec<Turn>> {
    let name = format!("session_{number}");
    let date_name = format!("{name}_date_time");
    let occurred_at = match conversation.get(&date_name).and_then(Value::as_str) {
        None => None,
        Some(text) => Some(iso_8601(text).ok_or_else(|| {
            Failure::new(format!("`{date_name}` is no date like `1:56 pm on 8 May, 2023`"))
        })?),
    };
    let turns: Vec<RawTurn> = conversation
        .get(&name)
        .map_or(Ok(Vec::new()), Vec::deserialize)
        .map_err(|error| Failure::new(format!("`{name}`: {error}")))?;
    Ok(turns
        .into_iter()
        .enumerate()
        .map(|(position, turn)| Turn {
            content: content(&turn.text, turn.blip_caption.as_deref()),
            dia_id: turn.dia_id,
            speaker: turn.speaker,
            thread: format!("{sample_id}/{name}"),
            position,
            occurred_at: occurred_at.clone(),
        })
        // Nothing said and nothing shown is nothing to remember.
        .filter(|turn| !turn.content.is_empty())
        .collect())
}

fn content(text: &str, caption: Option<&str>) -> String {
    let text = text.trim();
    match caption.map(str::trim).filter(|caption| !caption.is_empty()) {
        None => text.to_owned(),
        Some(caption) => format!("{text} [shares a photo: {caption}]").trim_start().to_owned(),
    }
}

/// A session's date in ISO 8601, from LoCoMo's `1:56 pm on 8 May, 2023`, the same without a time of
/// day, or ISO 8601 as it is.
fn iso_8601(text: &str) -> Option<String> {
    let text = text.trim();
    let with_time = DateTime::strptime("%I:%M %p on %d %B, %Y", text).ok();
    let date_alone = || jiff::civil::Date::strptime("%d %B, %Y", text).ok().map(DateTime::from);
    let as_it_is = || text.trim_end_matches('Z').parse::<DateTime>().ok();
    let moment = with_time.or_else(date_alone).or_else(as_it_is)?;
    Some(format!("{moment}Z"))
}

/// The turns that evidence names, each once, in the order given. What names no turn is left out.
fn evidence_turns(evidence: &[String], known: &HashMap<String, &str>) -> Vec<String> {
    let mut turns: Vec<String> = Vec::new();
    let separates = |c: char| c == ';' || c == ',' || c.is_whitespace();
    for id in evidence.iter().flat_map(|text| text.split(separates)) {
        if let Some(turn) = known.get(&normal_id(id))
            && !turns.iter().any(|named| named == turn)
        {
            turns.push((*turn).to_owned());
        }
    }
    turns
}

/// One spelling for an id: `D11:26` for `D:11:26`, `D30:5` for `D30:05`, `(D1:2)` without brackets.
/// What isn't made of two numbers stays as it is.
fn normal_id(id: &str) -> String {
    let numbers: Vec<&str> = id
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(|digits| digits.trim_start_matches('0'))
        .collect();
    match numbers[..] {
        [session, turn] => format!("D{session}:{turn}"),
        _ => id.to_owned(),
    }
}

#[cfg(test)]
#[path = "dataset/tests.rs"]
mod tests;
