//! What becomes of a foreign argument.

use serde_json::{Map, Value, json};

use super::{Alias, Spelt, Turn, table};
use crate::core::error::{Error, Result};

type Fields = Map<String, Value>;

/// Turns the arguments that a name spells in its own way.
///
/// # Errors
/// `INVALID_ARGUMENT` for what has no meaning here; `AGENT_KEY_CONFLICT` for another agent's id.
pub(super) fn fields(
    alias: &Alias,
    given: &mut Fields,
    own: Option<&str>,
    spelt: &mut Spelt,
) -> Result<()> {
    for (theirs, turn) in alias.fields {
        match given.remove(*theirs) {
            // As everywhere, null counts as left out.
            None | Some(Value::Null) => {}
            Some(value) => one(theirs, *turn, value, given, own, spelt)?,
        }
    }
    for field in alias.sets {
        given.entry(*field).or_insert(json!(true));
    }
    // A field that is missing is asked for by the name that this caller knows.
    for (theirs, turn) in alias.fields.iter().filter(|_| alias.is_foreign()) {
        if let Turn::As(ours) | Turn::Among(ours) | Turn::Lines(ours) = turn
            && !spelt.knows(ours)
            && !given.contains_key(*ours)
        {
            spelt.note(*ours, theirs, false);
        }
    }
    Ok(())
}

fn one(
    theirs: &str,
    turn: Turn,
    value: Value,
    given: &mut Fields,
    own: Option<&str>,
    spelt: &mut Spelt,
) -> Result<()> {
    let text = || {
        let text = value.as_str().map(str::to_owned);
        text.ok_or_else(|| Error::invalid(theirs, "must be a text"))
    };
    match turn {
        Turn::As(ours) => put(theirs, ours, value, given, spelt, false),
        Turn::Among(ours) => {
            let is_one = !value.is_array();
            let value = if is_one { json!([value]) } else { value };
            put(theirs, ours, value, given, spelt, is_one);
        }
        Turn::Lines(ours) => {
            let is_text = value.is_string();
            let lines = value.as_str().map(|text| json!(lines(text).collect::<Vec<_>>()));
            put(theirs, ours, lines.unwrap_or(value), given, spelt, is_text);
        }
        Turn::And(ours) => {
            let at = push(given, ours, json!(text()?));
            spelt.note(format!("{ours}[{at}]"), theirs, true);
        }
        Turn::Link => {
            let at = push(given, "links", json!({ "type": "relates_to", "to": text()? }));
            spelt.note(format!("links[{at}]"), theirs, true);
        }
        Turn::Below(ours) => {
            let below = text()?;
            if let Some(Value::String(above)) = given.get_mut(ours)
                && !below.trim().is_empty()
            {
                above.push_str("\n\n");
                above.push_str(&below);
            }
        }
        Turn::Published => {
            let visibility = match text()?.to_ascii_uppercase().as_str() {
                "ACTIVE" => "team",
                "DRAFT" => "agent",
                _ => return Err(Error::invalid(theirs, "must be one of: ACTIVE, DRAFT")),
            };
            put(theirs, "visibility", json!(visibility), given, spelt, true);
        }
        Turn::Own if value.as_str() == own && own.is_some() => {}
        Turn::Own => {
            let message = format!("`{theirs}` names another agent than the one that acts");
            let fix = format!("leave `{theirs}` out; `X-Agent-Id` says which agent acts");
            return Err(Error::agent_key_conflict(message).with_fix(fix));
        }
        Turn::True if value == json!(true) => {}
        Turn::True => {
            let fix =
                "say what fails with work_checkpoint, or with work_blocked if you can't go on";
            return Err(Error::invalid(theirs, "must be true, or left out").with_fix(fix));
        }
        Turn::Aside => {}
    }
    Ok(())
}

/// Gives a value our name. Where ours is given as well theirs stays, and is refused by its name.
fn put(
    theirs: &str,
    ours: &'static str,
    value: Value,
    given: &mut Fields,
    spelt: &mut Spelt,
    is_whole: bool,
) {
    if ours != theirs && given.contains_key(ours) {
        given.insert(theirs.to_owned(), value);
        return;
    }
    given.insert(ours.to_owned(), value);
    spelt.note(ours, theirs, is_whole);
}

/// Adds to a list, which may not be there yet; at which place. What is no list is left for the check.
fn push(given: &mut Fields, ours: &str, value: Value) -> usize {
    let list = given.entry(ours).or_insert_with(|| json!([]));
    if list.is_null() {
        *list = json!([]);
    }
    let Some(list) = list.as_array_mut() else { return 0 };
    list.push(value);
    list.len() - 1
}

/// The items of a list that is written as text: without bullets, numbers and boxes.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(item).filter(|line| !line.is_empty())
}

fn item(line: &str) -> &str {
    let line = line.trim();
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = (number.len() < line.len()).then(|| number.strip_prefix(['.', ')'])).flatten();
    let bulleted = ["- ", "* ", "• "].iter().find_map(|bullet| line.strip_prefix(bullet));
    let line = numbered.filter(|rest| rest.starts_with(' ')).or(bulleted).unwrap_or(line).trim();
    let unboxed = ["[ ]", "[x]", "[X]"].iter().find_map(|mark| line.strip_prefix(mark));
    unboxed.unwrap_or(line).trim()
}

/// Writes a choice as the schema does: in its letters and, for foreign names, in its words.
pub(super) fn choose(schema: &Value, value: &mut Value, is_foreign: bool) {
    match value {
        Value::Array(items) => {
            for item in items {
                choose(&schema["items"], item, is_foreign);
            }
        }
        Value::String(given) => {
            let Some(choices) = schema["enum"].as_array() else { return };
            let find = |word: &str| {
                let mut choices = choices.iter().filter_map(Value::as_str);
                choices.find(|choice| choice.eq_ignore_ascii_case(word))
            };
            let synonym = || {
                let mut words = table::VALUES.iter().filter(|_| is_foreign);
                let (_, ours) = words.find(|(theirs, _)| theirs.eq_ignore_ascii_case(given))?;
                find(ours)
            };
            if let Some(choice) = find(given).or_else(synonym) {
                choice.clone_into(given);
            }
        }
        _ => {}
    }
}
