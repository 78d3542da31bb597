//! `comment_add`: something is said about a task, node, memory or conflict.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use serde_json::json;

use super::call::{Call, Done};
use super::comment_view::CommentView;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::work_step::{doer, words};
use crate::core::error::{Error, Result};
use crate::identity::event::Act;
use crate::identity::permit::{Exempt, Permit};
use crate::identity::role::{Role, Scope};
use crate::store::ReadTx;
use crate::store::comments::Seen;
use crate::work::comment::{Comment, CommentKind, Subject};

pub struct CommentAdd;

/// What is said, and about what.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// What it is about: tsk_…, nod_…, mem_… or cfl_…
    #[schemars(length(min = 1, max = 64))]
    about_id: String,
    /// What you have to say
    #[schemars(length(min = 1, max = 4000))]
    content: String,
}

/// The comment.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    comment: CommentView,
    about_id: String,
}

impl Operation for CommentAdd {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "comment_add",
        title: "Comment",
        description: include_str!("../../tools/comment_add.md"),
        scope: Scope::Write,
        least_role: Role::Editor,
        exempt: Exempt::Nothing,
        effect: Effect::Add,
        is_idempotent: false,
        toolset: Toolset::Work,
        is_listed: true,
        route: Route { method: Method::Post, path: "/comments", status: 201 },
        cli: Some(Cli { path: &["comment", "add"], positional: Some("about_id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let about = subject(&input.about_id)?;
        let content = words("content", input.content)?;
        let (id, at) = (call.next_id(), call.at);
        call.change(move |tx, permit| {
            let seen = look(tx, permit, about)?;
            let comment = Comment {
                id,
                about,
                kind: CommentKind::Comment,
                content: content.clone(),
                next_step: None,
                fence: None,
                author: Some(doer(permit)?),
                created_at: at,
            };
            tx.add_comment(permit, seen, &comment)?;
            let (object_kind, about_id) = about.parts();
            let act = Act {
                object_kind,
                object_id: about_id.clone(),
                summary: json!({ "comment": id.to_string() }),
            };
            Ok(Done::Changed(Output { comment: comment.into(), about_id }, act))
        })
        .await
    }
}

/// What an id is about.
///
/// # Errors
/// `NOT_FOUND` for what can't be one.
pub(super) fn subject(id: &str) -> Result<Subject> {
    Subject::parse(id).ok_or_else(missing)
}

/// Looks whether the caller sees it.
///
/// # Errors
/// `NOT_FOUND`, in the same bytes whatever it would be; `UNAVAILABLE`.
pub(super) fn look(
    tx: &mut (impl ReadTx + ?Sized),
    permit: &Permit,
    about: Subject,
) -> Result<Seen> {
    Seen::look(tx, permit, about)?.ok_or_else(missing)
}

fn missing() -> Error {
    Error::not_found("task, node, memory or conflict")
}
