//! The steps of work on a task: from the task as it was read to the task as it shall be, or to the
//! reason why not.
//!
//! The one idea: a *lease* is the right to work on a task for a while, and its *fence* the number
//! that says which lease it was. Whoever shows the newest fence is the last who began, so what they
//! write loses nobody's work, even where their time has run out and nobody has taken over.
//!
//! To be assigned is a wish and no lock: it keeps others from beginning by mistake, and they may
//! begin all the same if they say so. Whoever begins is the assignee from then on.

use super::party::Party;
use super::refusal::Refusal;
use super::task::{Lease, Task, TaskStatus};
use crate::core::clock::Timestamp;
use crate::core::id::TaskId;

/// How long a lease holds from when it was given or renewed, in milliseconds.
pub const LEASE_MS: i64 = 30 * 60 * 1000;

/// Somebody takes a step.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    pub by: &'a Party,
    pub at: Timestamp,
    /// The number that `work_begin` gave them, where they show it.
    pub fence: Option<i64>,
}

/// What somebody who begins has to know and to say.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// What the task needs and isn't closed.
    pub open_needs: &'a [TaskId],
    /// Also where it is planned for somebody else.
    pub takes_over: bool,
}

/// A lease for whoever begins. Their own is replaced by a new one: an agent that was started again
/// goes on, and what was left of it before has lost.
///
/// # Errors
/// [`Refusal`]: its status, what it needs, another's lease, or whom it is planned for.
pub fn begin(task: &Task, step: Step<'_>, start: Start<'_>) -> Result<Task, Refusal> {
    let may_begin = [TaskStatus::Planned, TaskStatus::InProgress, TaskStatus::Blocked];
    if !may_begin.contains(&task.status) {
        return Err(Refusal::Status(task.status));
    }
    if let Some(lease) = task.lease_at(step.at)
        && !lease.holder.is_same(step.by)
    {
        return Err(Refusal::Held(lease.clone()));
    }
    if !start.open_needs.is_empty() {
        return Err(Refusal::Needs(start.open_needs.to_vec()));
    }
    // Once begun or blocked, the wish was followed, and what is left is anybody's to take up.
    if task.status == TaskStatus::Planned
        && !start.takes_over
        && let Some(other) = task.assignee.as_ref().filter(|other| !other.is_same(step.by))
    {
        return Err(Refusal::Assigned(other.clone()));
    }
    let next = moved(task, TaskStatus::InProgress, step.at);
    Ok(Task {
        reason: None,
        assignee: Some(step.by.clone()),
        lease: Some(renewed(None, step)),
        fence: task.fence + 1,
        ..next
    })
}

/// The lease goes on from now, and some criteria are met. They are named by number, from 1.
///
/// # Errors
/// [`Refusal`]: the lease is lost, or there is no such criterion.
pub fn checkpoint(task: &Task, step: Step<'_>, met: &[i64]) -> Result<Task, Refusal> {
    check_lease(task, step)?;
    let next = marked(moved(task, TaskStatus::InProgress, step.at), met, true)?;
    Ok(Task { lease: Some(renewed(task.lease.as_ref(), step)), ..next })
}

/// The worker says that it is done. Somebody else has to say so too, unless the team lets workers
/// approve their own and every criterion is met.
///
/// # Errors
/// As [`checkpoint`].
pub fn complete(
    task: &Task,
    step: Step<'_>,
    met: &[i64],
    allows_self_approval: bool,
) -> Result<Task, Refusal> {
    check_lease(task, step)?;
    let next = marked(task.clone(), met, true)?;
    let is_done = allows_self_approval && unmet(&next).is_empty();
    let status = if is_done { TaskStatus::Done } else { TaskStatus::InReview };
    let next = moved(&next, status, step.at);
    Ok(Task { reason: None, worker: Some(step.by.clone()), lease: None, ..next })
}

/// The worker can't go on, and says why.
///
/// # Errors
/// [`Refusal`]: the lease is lost.
pub fn block(task: &Task, step: Step<'_>, reason: &str) -> Result<Task, Refusal> {
    check_lease(task, step)?;
    let next = moved(task, TaskStatus::Blocked, step.at);
    Ok(Task { reason: Some(reason.to_owned()), lease: None, ..next })
}

/// The worker hands the task back without blame: to somebody, or to whoever wants it.
///
/// # Errors
/// [`Refusal`]: the lease is lost.
pub fn release(task: &Task, step: Step<'_>, to: Option<Party>) -> Result<Task, Refusal> {
    check_lease(task, step)?;
    let next = moved(task, TaskStatus::Planned, step.at);
    Ok(Task { reason: None, assignee: to, lease: None, ..next })
}

/// Somebody other than the worker says that it is done: every criterion is met, as they see it.
///
/// # Errors
/// [`Refusal`]: its status, their own work, or criteria that nobody has called met.
pub fn approve(task: &Task, step: Step<'_>, met: &[i64]) -> Result<Task, Refusal> {
    check_review(task, step)?;
    let next = marked(moved(task, TaskStatus::Done, step.at), met, true)?;
    let open = unmet(&next);
    if !open.is_empty() {
        return Err(Refusal::Unmet(open));
    }
    Ok(Task { reason: None, lease: None, ..next })
}

/// Somebody other than the worker sends it back to them, and says why and which criteria aren't met.
///
/// # Errors
/// [`Refusal`]: its status, their own work, or there is no such criterion.
pub fn send_back(
    task: &Task,
    step: Step<'_>,
    reason: &str,
    not_met: &[i64],
) -> Result<Task, Refusal> {
    check_review(task, step)?;
    let next = marked(moved(task, TaskStatus::Planned, step.at), not_met, false)?;
    Ok(Task { reason: Some(reason.to_owned()), assignee: task.worker.clone(), lease: None, ..next })
}

/// Whether a step may be taken under the task's lease. Without a fence the lease must still hold;
/// with the newest one it is enough that nobody has taken over.
fn check_lease(task: &Task, step: Step<'_>) -> Result<(), Refusal> {
    if step.fence.is_some_and(|fence| fence != task.fence) {
        return Err(Refusal::Lost(task.lease_at(step.at).cloned()));
    }
    if task.status != TaskStatus::InProgress {
        return Err(Refusal::Status(task.status));
    }
    let lease = match step.fence {
        Some(_) => task.lease.as_ref(),
        None => task.lease_at(step.at),
    };
    match lease {
        Some(lease) if lease.holder.is_same(step.by) => Ok(()),
        _ => Err(Refusal::Lost(task.lease_at(step.at).cloned())),
    }
}

fn check_review(task: &Task, step: Step<'_>) -> Result<(), Refusal> {
    if task.status != TaskStatus::InReview {
        return Err(Refusal::Status(task.status));
    }
    if task.worker.as_ref().is_some_and(|worker| worker.is_same(step.by)) {
        return Err(Refusal::Own);
    }
    Ok(())
}

/// The next version, in a status.
fn moved(task: &Task, status: TaskStatus, at: Timestamp) -> Task {
    let status_at = if status == task.status { task.status_at } else { at };
    Task { status, status_at, version: task.version + 1, updated_at: at, ..task.clone() }
}

/// A lease from now on. One that is renewed never ends earlier than before.
fn renewed(lease: Option<&Lease>, step: Step<'_>) -> Lease {
    let until = step.at.plus_millis(LEASE_MS);
    let until = lease.map_or(until, |lease| lease.until.max(until));
    Lease { holder: step.by.clone(), until }
}

/// The same task with these criteria met, or not. The numbers begin at 1.
fn marked(mut task: Task, numbers: &[i64], is_met: bool) -> Result<Task, Refusal> {
    for number in numbers {
        let at = usize::try_from(*number).ok().and_then(|number| number.checked_sub(1));
        let criterion = at.and_then(|at| task.criteria.get_mut(at));
        criterion.ok_or(Refusal::NoCriterion)?.is_met = is_met;
    }
    Ok(task)
}

/// The numbers of the criteria that aren't met.
fn unmet(task: &Task) -> Vec<usize> {
    let numbered = task.criteria.iter().zip(1..);
    numbered.filter(|(criterion, _)| !criterion.is_met).map(|(_, number)| number).collect()
}

#[cfg(test)]
mod tests;
