//! What callers see of comments and of who made them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::core::clock::Timestamp;
use crate::work::comment::{Comment, CommentKind};
use crate::work::party::Party;

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

/// An agent, or a member in person.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PartyView {
    /// The agent's id
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The member's id
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The member's name
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
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

impl From<Party> for PartyView {
    fn from(party: Party) -> Self {
        match party {
            Party::Agent(agent) => Self { agent: Some(agent.slug), member: None, name: None },
            Party::Member { id, name } => Self {
                agent: None,
                member: Some(id.to_string()),
                name: Some(name).filter(|name| !name.is_empty()),
            },
        }
    }
}
