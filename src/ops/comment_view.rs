//! What callers see of comments.

use schemars::JsonSchema;
use serde::Serialize;

use super::task_view::PartyView;
use crate::core::clock::Timestamp;
use crate::work::comment::{Comment, CommentKind};

/// Something that was said.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CommentView {
    pub id: String,
    pub kind: CommentKind,
    pub content: String,
    /// What is to be done next
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<PartyView>,
    pub created_at: Timestamp,
}

impl From<Comment> for CommentView {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id.to_string(),
            kind: comment.kind,
            content: comment.content,
            next: comment.next_step,
            author: comment.author.map(PartyView::from),
            created_at: comment.created_at,
        }
    }
}
