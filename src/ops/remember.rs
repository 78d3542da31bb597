//! `remember`: one memory or a batch, durable when the answer comes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::{Call, Done};
use super::decode;
use super::keep::{Change, Held, Kept, New, keep};
use super::once::Once;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::supersede::Ties;
use super::view::Details;
use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::identity::event::Act;
use crate::identity::permit::{Exempt, Permit};
use crate::identity::role::{Role, Scope};
use crate::recall::Written;
use crate::store::WriteTx;

pub struct Remember;

/// One memory, or `items`.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Input {
    /// One self-contained statement
    #[schemars(length(min = 1, max = 10_000))]
    content: Option<String>,
    #[serde(flatten)]
    details: Details,
    #[serde(flatten)]
    ties: Ties,
    /// Keep it even if the same is held already
    #[schemars(extend("x-rare" = true))]
    allow_duplicate: Option<bool>,
    /// Instead of the above: 1 to 100 memories with these same fields, all kept or none
    #[schemars(with = "Option<Vec<Item>>", length(min = 1, max = 100))]
    #[schemars(extend("x-each-alone-if-partial" = true))]
    items: Option<Vec<Value>>,
    /// With items: keep the good ones and answer each for itself
    #[schemars(extend("x-rare" = true))]
    partial: Option<bool>,
    /// The same key with the same arguments gives the same answer, and keeps nothing twice
    #[serde(skip_serializing)]
    #[schemars(length(min = 1, max = 128))]
    #[schemars(extend("x-rare" = true))]
    idempotency_key: Option<String>,
}

/// One memory of a batch.
#[derive(Deserialize, JsonSchema)]
pub struct Item {
    /// One self-contained statement
    #[schemars(length(min = 1, max = 10_000))]
    content: String,
    #[serde(flatten)]
    details: Details,
    #[serde(flatten)]
    ties: Ties,
    /// Keep it even if the same is held already
    allow_duplicate: Option<bool>,
}

/// What was kept: the fields of one, or `items`.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    one: Option<Kept>,
    /// In the order of the batch
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Vec<Answer>>,
}

/// What became of one item.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    #[serde(flatten)]
    kept: Option<Kept>,
    /// Why it was not kept, where only a part was
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Refusal>,
}

/// Why an item was refused.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Refusal {
    code: String,
    message: String,
    /// The field that is wrong, if it is one
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

impl Operation for Remember {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "remember",
        title: "Remember",
        description: include_str!("../../tools/remember.md"),
        scope: Scope::Write,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Add,
        is_idempotent: false,
        toolset: Toolset::Memory,
        is_listed: true,
        route: Route { method: Method::Post, path: "/memories", status: 201 },
        cli: Some(Cli { path: &["remember"], positional: Some("content") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let once = input.idempotency_key.clone().map(|key| Once::new(key, &input)).transpose()?;
        let is_batch = input.items.is_some();
        let all = drafted(call, input)?;
        let at = call.at;
        let texts: Vec<&str> = all.iter().filter_map(Drafted::whole).map(New::content).collect();
        let written = call.recaller().embed_written(&texts).await;
        let has_work = texts.iter().any(|text| written.is_pending(text));
        let outcome = call.change(move |tx, permit| {
            if let Some(once) = &once
                && let Some(answer) = once.answered(tx, permit)?
            {
                return Ok(Done::Unchanged(answer));
            }
            let (answers, act) = keep_all(tx, permit, &all, &written, at)?;
            let output = if is_batch {
                Output { one: None, items: Some(answers) }
            } else {
                Output { one: answers.into_iter().next().and_then(|one| one.kept), items: None }
            };
            if let Some(once) = &once {
                once.note(tx, permit, &output, at)?;
            }
            Ok(match act {
                Some(act) => Done::Changed(output, act),
                None => Done::Unchanged(output),
            })
        });
        let outcome = outcome.await;
        if has_work {
            call.recaller().has_work(call.permit.team());
        }
        outcome
    }
}

/// An item made whole, or why it can't be kept where the others are.
#[derive(Clone)]
enum Drafted {
    New(Box<New>),
    Refused(Refusal),
}

/// Keeps the new memories in their order; what was done, if anything was.
fn keep_all(
    tx: &mut dyn WriteTx,
    permit: &Permit,
    all: &[Drafted],
    written: &Written,
    at: Timestamp,
) -> Result<(Vec<Answer>, Option<Act>)> {
    let mut held = Held::of(tx, permit, all.iter().filter_map(Drafted::whole), at)?;
    let (mut answers, mut added, mut confirmed) = (Vec::new(), Vec::new(), Vec::new());
    for drafted in all {
        let new = match drafted {
            Drafted::New(new) => new,
            Drafted::Refused(refusal) => {
                answers.push(Answer { kept: None, error: Some(refusal.clone()) });
                continue;
            }
        };
        match keep(tx, permit, new, &mut held, written, at) {
            Ok((kept, change)) => {
                match change {
                    Change::Added => added.push(kept.id().to_owned()),
                    Change::Confirmed => confirmed.push(kept.id().to_owned()),
                    Change::Nothing => {}
                }
                answers.push(Answer { kept: Some(kept), error: None });
            }
            Err(error) if new.is_alone => {
                answers.push(Answer { kept: None, error: Some(Refusal::of(error)?) });
            }
            Err(error) => return Err(error),
        }
    }
    let Some(first) = added.first().or_else(|| confirmed.first()) else {
        return Ok((answers, None));
    };
    let mut summary = json!({ "count": added.len(), "ids": added });
    if !confirmed.is_empty() {
        summary["confirmed"] = json!(confirmed);
    }
    let act = Act { object_kind: "memory", object_id: first.clone(), summary };
    Ok((answers, Some(act)))
}

/// The memories that the input describes, whole and checked: at least one.
fn drafted(call: &Call<'_>, input: Input) -> Result<Vec<Drafted>> {
    let is_partial = input.partial.unwrap_or(false);
    let Some(items) = input.items else {
        if is_partial {
            return Err(Error::invalid("partial", "goes with `items`"));
        }
        let content = input.content.ok_or_else(|| Error::invalid("content", "is required"))?;
        let (details, ties, allow_duplicate) = (input.details, input.ties, input.allow_duplicate);
        let one = Item { content, details, ties, allow_duplicate };
        return Ok(vec![Drafted::New(Box::new(one.made(call, false)?))]);
    };
    let beside = json!([
        { "content": input.content, "allow_duplicate": input.allow_duplicate },
        input.details,
        input.ties,
    ]);
    let fields = beside.as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
    let mut given = fields.filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str());
    if let Some(field) = given.next() {
        return Err(Error::invalid(field, "must be left out when `items` is given"));
    }
    let drafted = items.into_iter().enumerate().map(|(at, item)| {
        let path = format!("items[{at}]");
        let made = Item::read(item, is_partial).and_then(|item| item.made(call, is_partial));
        match made.map_err(|error| error.under(&path)) {
            Ok(new) => Ok(Drafted::New(Box::new(new.under(&path)))),
            Err(error) if is_partial => Refusal::of(error).map(Drafted::Refused),
            Err(error) => Err(error),
        }
    });
    drafted.collect()
}

impl Drafted {
    fn whole(&self) -> Option<&New> {
        match self {
            Drafted::New(new) => Some(new),
            Drafted::Refused(_) => None,
        }
    }
}

impl Item {
    /// An item, checked if it wasn't yet.
    fn read(mut item: Value, is_unchecked: bool) -> Result<Self> {
        if is_unchecked {
            let entry =
                super::find(Remember::SPEC.name).ok_or_else(|| Error::not_found("operation"))?;
            decode::check(&entry.input()["properties"]["items"]["items"], &mut item)?;
        }
        decode::into_input(item)
    }

    fn made(self, call: &Call<'_>, is_alone: bool) -> Result<New> {
        let draft = self.details.into_draft(Some(self.content));
        let new = New::of(call, draft, self.ties.read()?)?.alone(is_alone);
        Ok(if self.allow_duplicate.unwrap_or(false) { new.even_if_held() } else { new })
    }
}

impl Refusal {
    /// What a caller is told of an item that only it can mend; anything else is the whole call's.
    fn of(error: Error) -> Result<Self> {
        let is_callers = matches!(
            error.code(),
            Code::InvalidArgument | Code::NotFound | Code::PermissionDenied | Code::Conflict
        );
        if !is_callers {
            return Err(error);
        }
        let field = error.details().get("fields").and_then(|fields| fields[0]["field"].as_str());
        Ok(Self {
            code: error.code().as_str().to_owned(),
            message: error.message().to_owned(),
            field: field.map(str::to_owned),
        })
    }
}

/// Whether one memory would be kept as these arguments describe it; secrets aside. For callers who
/// answer each memory of a batch for itself.
///
/// # Errors
/// `INVALID_ARGUMENT` with each field and its rule.
pub fn check_one(mut arguments: Value, now: Timestamp) -> Result<()> {
    let entry = super::find(Remember::SPEC.name).ok_or_else(|| Error::not_found("operation"))?;
    decode::check(entry.input(), &mut arguments)?;
    let one: Input = decode::into_input(arguments)?;
    one.details.into_draft(one.content).into_statement(now)?;
    one.ties.read().map(drop)
}
