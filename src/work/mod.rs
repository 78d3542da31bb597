//! What a team is after and who does what: strategy, tasks, leases, and what is said about them.
//! No I/O.
//!
//! The one idea: a task is a row with a version, and each step of work (begin, checkpoint, complete,
//! block, approve) is a pure function from the task as it was read to the task as it shall be, or to
//! the reason why not. The store puts it in place if nobody else has in between.
//!
//! Open [`task`], then [`lease`], [`node`] and [`comment`].

pub mod comment;
pub mod copy;
pub mod edit;
pub mod lease;
pub mod node;
pub mod party;
pub mod refusal;
pub mod suggest;
pub mod task;
pub mod tree;
pub mod visit;
