//! Names and spellings that agents know from elsewhere: the tools of Momental and of Memanto's MCP
//! server, and camel case. They answer when called over MCP, and are listed nowhere.
//!
//! The one idea: a foreign call is turned into one of ours before its arguments are checked, and runs
//! as that operation, under that operation's name in permits, allow-lists and the trail. The guard has
//! walked what the caller sent, so nothing that is put aside here escapes it. What is refused
//! afterwards is named as the caller spelt it. The names themselves stand in [`table`].

mod table;
#[cfg(test)]
mod tests;
mod turn;

use serde_json::{Map, Value};

use super::{CATALOGUE, Entry};
use crate::core::error::{Error, Result};

pub use table::ALIASES;

/// A foreign name, or one of ours whose arguments are also known under other names.
pub struct Alias {
    pub name: &'static str,
    when: When,
    /// The operation that it is.
    pub operation: &'static str,
    /// What becomes of which argument, in the order in which they are looked at.
    fields: &'static [(&'static str, Turn)],
    /// What every call of this name says yes to.
    sets: &'static [&'static str],
    /// What its calls can't be without, though the operation can.
    needs: Option<&'static str>,
}

/// With which arguments a name is this operation; of several rows the first that fits.
#[derive(Debug, Clone, Copy)]
enum When {
    Always,
    /// The kind of node is any of these.
    Kind(&'static [&'static str]),
    /// The node's id begins so.
    Id(&'static str),
}

/// What becomes of an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// It is ours under another name.
    As(&'static str),
    /// It is one, or several, of what we take a list of.
    Among(&'static str),
    /// It is one more of a list.
    And(&'static str),
    /// It is more text, below another.
    Below(&'static str),
    /// It is a list written as text, line by line.
    Lines(&'static str),
    /// It must be true: what isn't is said in another way.
    True,
    /// It is what the memory is about: a link.
    Link,
    /// `ACTIVE` is for the team, `DRAFT` for the author alone.
    Published,
    /// It must be the agent that acts.
    Own,
    /// We have no such thing, and nothing is lost without it.
    Aside,
}

/// What is called, and by which name.
#[derive(Clone, Copy)]
pub struct Named {
    pub entry: &'static Entry,
    alias: Option<&'static Alias>,
}

/// The operation that a name means with these arguments.
#[must_use]
pub fn find(name: &str, arguments: &Value) -> Option<Named> {
    let mut rows = ALIASES.iter().filter(|alias| alias.name == name);
    let alias = rows.find(|alias| alias.when.holds(arguments));
    let operation = alias.map_or(name, |alias| alias.operation);
    let entry = CATALOGUE.iter().find(|entry| entry.spec.name == operation)?;
    Some(Named { entry, alias })
}

/// The operation that a foreign name means most.
#[must_use]
pub fn operation(name: &str) -> Option<&'static str> {
    ALIASES.iter().rfind(|alias| alias.name == name).map(|alias| alias.operation)
}

impl When {
    fn holds(self, arguments: &Value) -> bool {
        let any = |names: [&str; 3], fits: &dyn Fn(&str) -> bool| {
            names.iter().any(|name| arguments[*name].as_str().is_some_and(fits))
        };
        match self {
            When::Always => true,
            When::Kind(kinds) => any(["nodeType", "node_type", "type"], &|given| {
                kinds.iter().any(|kind| kind.eq_ignore_ascii_case(given))
            }),
            When::Id(beginning) => {
                any(["nodeId", "node_id", "id"], &|given| given.starts_with(beginning))
            }
        }
    }
}

impl Alias {
    /// Whether the name is another than its operation's.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.name != self.operation
    }
}

impl Named {
    /// Turns arguments into the operation's own. What isn't known stays as it is, to be refused by
    /// the name that it has.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for what has no meaning here; `AGENT_KEY_CONFLICT` for another agent's id.
    pub(super) fn read(&self, arguments: &mut Value, own: Option<&str>) -> Result<Spelt> {
        let Value::Object(given) = arguments else { return Ok(Spelt::default()) };
        let schema = self.entry.input();
        let mut spelt = Spelt::default();
        if let Some(alias) = self.alias {
            turn::fields(alias, given, own, &mut spelt)?;
        }
        from_camel_case(schema, given, &mut spelt);
        if let Some(field) = self.alias.and_then(|alias| alias.needs)
            && given.get(field).is_none_or(Value::is_null)
        {
            return Err(Error::invalid(&spelt.theirs(field), "is required"));
        }
        let is_foreign = self.alias.is_some_and(Alias::is_foreign);
        for (field, value) in given.iter_mut() {
            turn::choose(&schema["properties"][field.as_str()], value, is_foreign);
        }
        Ok(spelt)
    }
}

/// `displayName` is `display_name`, where the operation has that and it isn't given as well.
fn from_camel_case(schema: &Value, given: &mut Map<String, Value>, spelt: &mut Spelt) {
    let known = schema["properties"].as_object().into_iter().flat_map(Map::keys);
    for name in known.filter(|name| name.contains('_')) {
        let camel = camel_case(name);
        if !given.contains_key(name)
            && let Some(value) = given.remove(&camel)
        {
            given.insert(name.clone(), value);
            spelt.note(name.clone(), &camel, false);
        }
    }
}

fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut camel, part| {
        let mut letters = part.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
        camel
    })
}

/// How the caller spelt which of our fields, for what is said of them afterwards.
#[derive(Debug, Default)]
pub(super) struct Spelt(Vec<Spelling>);

#[derive(Debug)]
struct Spelling {
    ours: String,
    theirs: String,
    /// Whether what stands inside ours is nothing that the caller wrote.
    is_whole: bool,
}

impl Spelt {
    fn note(&mut self, ours: impl Into<String>, theirs: &str, is_whole: bool) {
        self.0.push(Spelling { ours: ours.into(), theirs: theirs.to_owned(), is_whole });
    }

    fn knows(&self, ours: &str) -> bool {
        self.0.iter().any(|spelling| spelling.ours == ours)
    }

    /// Names the fields of a refusal as the caller spelt them.
    pub(super) fn back(&self, error: Error) -> Error {
        if self.0.is_empty() { error } else { error.renaming(|field| self.theirs(field)) }
    }

    fn theirs(&self, field: &str) -> String {
        let spelt = self.0.iter().find_map(|spelling| {
            let rest = field.strip_prefix(spelling.ours.as_str())?;
            let is_it = rest.is_empty() || rest.starts_with(['.', '[']);
            let rest = if spelling.is_whole { "" } else { rest };
            is_it.then(|| format!("{}{rest}", spelling.theirs))
        });
        spelt.unwrap_or_else(|| field.to_owned())
    }
}
