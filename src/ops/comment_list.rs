//! `comment_list`: what was said about a task, node, memory or conflict.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::comment_add::{look, subject};
use super::comment_view::CommentView;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::Result;
use crate::core::page;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct CommentList;

/// Comments on a page, unless said otherwise.
const PAGE: u32 = 20;

/// About what.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// What they are about: tsk_…, nod_…, mem_… or cfl_…
    #[schemars(length(min = 1, max = 64))]
    about_id: String,
    /// How many; 20 if left out
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// The last page's next_cursor
    #[schemars(length(min = 1, max = 64))]
    cursor: Option<String>,
}

/// The newest first.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    comments: Vec<CommentView>,
    count: usize,
    /// Absent on the last page
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Operation for CommentList {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "comment_list",
        title: "List comments",
        description: include_str!("../../tools/comment_list.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Work,
        is_listed: false,
        route: Route { method: Method::Get, path: "/comments", status: 200 },
        cli: Some(Cli { path: &["comment", "list"], positional: Some("about_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let about = subject(&input.about_id)?;
        let limit = input.limit.unwrap_or(PAGE) as usize;
        let before = page::before(input.cursor.as_deref())?;
        let mut comments = call
            .read(move |tx, permit| {
                let seen = look(tx, permit, about)?;
                tx.comments(permit, seen, before, limit + 1)
            })
            .await?;
        let is_more = comments.len() > limit;
        comments.truncate(limit);
        let next_cursor = comments.last().filter(|_| is_more).map(|last| last.id.to_string());
        Ok(Output {
            count: comments.len(),
            comments: comments.into_iter().map(CommentView::from).collect(),
            next_cursor,
        })
    }
}
