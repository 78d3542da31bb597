//! Why a step of work can't be taken, and what its caller is told.

use serde_json::{Value, json};

use super::party::Party;
use super::task::{Lease, TaskStatus};
use crate::core::error::{Code, Error};
use crate::core::id::TaskId;
use crate::core::named::Named;

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It isn't to be done in this status.
    Status(TaskStatus),
    /// These have to be closed first.
    Needs(Vec<TaskId>),
    /// Somebody else's lease.
    Held(Lease),
    /// It is planned for somebody else.
    Assigned(Party),
    /// Theirs is not the newest lease, or it has run out; and the one that holds now.
    Lost(Option<Lease>),
    /// Nobody approves what they did themselves.
    Own,
    /// The numbers of criteria that nobody has called met.
    Unmet(Vec<usize>),
    /// There is no criterion of that number.
    NoCriterion,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let conflict = |message: &'static str| Error::new(Code::Conflict, message);
        match refusal {
            Refusal::Status(status) => of_status(status),
            Refusal::Needs(needs) => conflict("what this task needs is not done yet")
                .with_fix("take up what it needs first; `details.needs` names it")
                .with_detail("needs", needs.iter().map(ToString::to_string).collect()),
            Refusal::Held(lease) => held(
                Error::new(
                    Code::Conflict,
                    format!("somebody else works on this task until {}", lease.until),
                )
                .with_fix("take up another task, or wait until then"),
                &lease,
            ),
            Refusal::Assigned(party) => conflict("this task is planned for somebody else")
                .with_fix(
                    "take up another task, or call again with `take_over: true` if it was agreed",
                )
                .with_detail("assigned_to", named(&party)),
            Refusal::Lost(now) => {
                let error = conflict("you don't hold the lease of this task, or not any more")
                    .with_fix(
                        "begin the task again and read what was done since; nothing was written",
                    );
                match &now {
                    Some(lease) => held(error, lease),
                    None => error,
                }
            }
            Refusal::Own => conflict("nobody reviews what they did themselves").with_fix(
                "ask another agent or a person; an admin can allow self-approval with policy_set",
            ),
            Refusal::Unmet(numbers) => conflict("some acceptance criteria are not met")
                .with_fix("name them in `criteria_met` if they are, or send the task back")
                .with_detail("unmet", json!(numbers)),
            Refusal::NoCriterion => Error::invalid(
                "criteria",
                "must be numbers of the task's acceptance criteria, from 1",
            ),
        }
    }
}

fn of_status(status: TaskStatus) -> Error {
    let (message, fix) = match status {
        TaskStatus::Planned => ("nobody has begun this task", "begin it first"),
        TaskStatus::InProgress => ("this task is still being worked on", "wait for its worker"),
        TaskStatus::InReview => ("this task waits for its review", "review it, or ask for it"),
        TaskStatus::Done => ("this task is done", "make a new task for what is left"),
        TaskStatus::Blocked => ("this task is blocked", "begin it again once it can go on"),
        TaskStatus::Cancelled => ("this task was cancelled", "plan it again first"),
    };
    Error::new(Code::Conflict, message).with_fix(fix).with_detail("status", json!(status.as_str()))
}

fn held(error: Error, lease: &Lease) -> Error {
    error.with_detail("held_by", named(&lease.holder)).with_detail("until", json!(lease.until))
}

/// Somebody, for programs: by the id that callers know.
fn named(party: &Party) -> Value {
    match party {
        Party::Agent(agent) => json!({ "agent": agent.slug }),
        Party::Member { id, .. } => json!({ "member": id.to_string() }),
    }
}
