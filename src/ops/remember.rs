//! `remember`: one memory or a batch, durable when the answer comes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::{Call, Done};
use super::decode;
use super::keep::{Kept, New, keep};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::supersede::Ties;
use super::view::Details;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct Remember;

/// One memory, or `items`.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// One self-contained statement
    #[schemars(length(min = 1, max = 10_000))]
    content: Option<String>,
    #[serde(flatten)]
    details: Details,
    #[serde(flatten)]
    ties: Ties,
    /// Instead of the above: 1 to 100 memories with these same fields, all kept or none
    #[schemars(length(min = 1, max = 100))]
    items: Option<Vec<Item>>,
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
}

/// What was kept: the fields of one, or `items`.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    one: Option<Kept>,
    /// In the order of the batch
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Vec<Kept>>,
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
        let is_batch = input.items.is_some();
        let all = drafted(call, input)?;
        let at = call.at;
        call.change(move |tx, permit| {
            let kept: Result<Vec<Kept>> = all.iter().map(|new| keep(tx, permit, new, at)).collect();
            let kept = kept?;
            let ids: Vec<&str> = kept.iter().map(Kept::id).collect();
            let act = Act {
                object_kind: "memory",
                object_id: ids[0].to_owned(),
                summary: json!({ "count": ids.len(), "ids": ids }),
            };
            let output = if is_batch {
                Output { one: None, items: Some(kept) }
            } else {
                Output { one: kept.into_iter().next(), items: None }
            };
            Ok(Done::Changed(output, act))
        })
        .await
    }
}

/// The memories that the input describes, whole and checked: at least one.
fn drafted(call: &Call<'_>, input: Input) -> Result<Vec<New>> {
    let Some(items) = input.items else {
        let draft = input.details.into_draft(input.content);
        return Ok(vec![New::of(call, draft, input.ties.read()?)?]);
    };
    let beside = json!([{ "content": input.content }, input.details, input.ties]);
    let fields = beside.as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
    let mut given = fields.filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str());
    if let Some(field) = given.next() {
        return Err(Error::invalid(field, "must be left out when `items` is given"));
    }
    items
        .into_iter()
        .enumerate()
        .map(|(at, item)| {
            let path = format!("items[{at}]");
            let made = item
                .ties
                .read()
                .and_then(|ties| New::of(call, item.details.into_draft(Some(item.content)), ties));
            made.map(|new| new.under(&path)).map_err(|error: Error| error.under(&path))
        })
        .collect()
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
