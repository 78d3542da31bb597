//! `remember`: one memory or a batch, durable when the answer comes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::{Call, Done};
use super::decode;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::Details;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::fields::{MemoryType, Status};
use crate::memory::memory::{Author, IndexedWords, Memory};
use crate::memory::rights::status_after;

pub struct Remember;

/// One memory, or `items`.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// One self-contained statement
    #[schemars(length(min = 1, max = 10_000))]
    content: Option<String>,
    #[serde(flatten)]
    details: Details,
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

/// A memory that was kept.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Kept {
    id: String,
    version: i64,
    status: Status,
    #[serde(rename = "type")]
    memory_type: MemoryType,
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
        let memories = drafted(call, input)?;
        let kept: Vec<Kept> = memories.iter().map(|(memory, _)| Kept::of(memory)).collect();
        call.change(move |tx, permit| {
            for (memory, words) in &memories {
                tx.add_memory(permit, memory, words)?;
            }
            let ids: Vec<&str> = kept.iter().map(|kept| kept.id.as_str()).collect();
            let act = Act {
                object_kind: "memory",
                object_id: ids[0].to_owned(),
                summary: json!({ "count": ids.len(), "ids": ids }),
            };
            let output = if is_batch {
                Output { one: None, items: Some(kept.clone()) }
            } else {
                Output { one: kept.first().cloned(), items: None }
            };
            Ok(Done::Changed(output, act))
        })
        .await
    }
}

/// The memories that the input describes, whole and checked, with their words: at least one.
fn drafted(call: &Call<'_>, input: Input) -> Result<Vec<(Memory, IndexedWords)>> {
    let author = Author::of(&call.permit);
    let made = |draft: crate::memory::draft::Draft| {
        let statement = draft.into_statement(call.at)?;
        let mut memory = Memory::new(call.next_id(), statement, author.clone(), call.at);
        let visibility = memory.statement.visibility;
        memory.status = status_after(memory.status, call.permit.role(), visibility);
        let words = memory.words();
        Ok((memory, words))
    };
    let Some(items) = input.items else {
        return Ok(vec![made(input.details.into_draft(input.content))?]);
    };
    let beside = serde_json::to_value((input.content, input.details)).map_err(Error::internal)?;
    let details = beside[1].as_object().into_iter().flatten();
    let mut given = details.filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str());
    let content = Some("content").filter(|_| !beside[0].is_null());
    if let Some(field) = content.or_else(|| given.next()) {
        return Err(Error::invalid(field, "must be left out when `items` is given"));
    }
    let drafts = items.into_iter().map(|item| item.details.into_draft(Some(item.content)));
    drafts
        .enumerate()
        .map(|(at, draft)| made(draft).map_err(|error: Error| error.under(&format!("items[{at}]"))))
        .collect()
}

impl Kept {
    fn of(memory: &Memory) -> Self {
        Self {
            id: memory.id.to_string(),
            version: memory.version,
            status: memory.status,
            memory_type: memory.statement.memory_type,
        }
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
    one.details.into_draft(one.content).into_statement(now).map(drop)
}
