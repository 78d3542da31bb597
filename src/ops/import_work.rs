//! What becomes of records of an import that say what a team works on: strategy, tasks, comments.
//!
//! What something stands below must be here before it, so no file leaves anything hanging from
//! nothing or from itself. What is here already is never changed by a file.

use super::import_record::{Change, Verdict};
use crate::core::error::{Error, Result};
use crate::core::id::TaskId;
use crate::identity::permit::Permit;
use crate::memory::draft::{full_text, line};
use crate::store::{ReadTx, WriteTx};
use crate::work::comment::Subject;
use crate::work::copy::{CommentCopy, NeedsCopy, NodeCopy, PartyCopy, TaskCopy, WorkRecord};
use crate::work::edit::limit;
use crate::work::task::Parent;

/// The most characters of what keeps a task from going on, and of a next step.
const REASON: usize = 2_000;

/// The most characters of a comment.
const CONTENT: usize = 4_000;

/// The most criteria that a task has.
const CRITERIA: usize = 100;

/// The most tasks that one needs.
const NEEDS: usize = 200;

const ELSE: &str = "is here already, and says something else";

/// Checks what an export could not hold.
///
/// # Errors
/// `INVALID_ARGUMENT` naming the field and its rule.
pub(super) fn check(record: &mut WorkRecord) -> Result<()> {
    match record {
        WorkRecord::Node(node) => {
            trimmed("statement", &mut node.statement, limit::STATEMENT)?;
            most("description", node.description.as_ref(), limit::DESCRIPTION)?;
            if node.parent_id == Some(node.id) {
                return Err(Error::invalid("parent_id", "must be another node"));
            }
            at_least("position", node.position, 0)?;
            at_least("version", node.version, 1)
        }
        WorkRecord::Task(task) => {
            trimmed("statement", &mut task.statement, limit::STATEMENT)?;
            most("description", task.description.as_ref(), limit::DESCRIPTION)?;
            most("reason", task.reason.as_ref(), REASON)?;
            if task.criteria.len() > CRITERIA {
                return Err(Error::invalid("criteria", format!("must be at most {CRITERIA}")));
            }
            for criterion in &mut task.criteria {
                trimmed("criteria", &mut criterion.text, limit::CRITERION)?;
            }
            if task.node_id.is_some() && task.parent_task_id.is_some() {
                return Err(Error::invalid("parent_task_id", "must not go with `node_id`"));
            }
            if task.parent_task_id == Some(task.id) {
                return Err(Error::invalid("parent_task_id", "must be another task"));
            }
            at_least("position", task.position, 0)?;
            at_least("fence", task.fence, 0)?;
            at_least("version", task.version, 1)
        }
        WorkRecord::Needs(copy) => {
            let count = copy.needs.len();
            copy.needs.sort_unstable();
            copy.needs.dedup();
            if !(1..=NEEDS).contains(&count) || copy.needs.len() < count {
                let rule = format!("must be 1 to {NEEDS}, each once");
                return Err(Error::invalid("needs", rule));
            }
            if copy.needs.contains(&copy.task_id) {
                return Err(Error::invalid("needs", "must be other tasks"));
            }
            at_least("version", copy.version, 1)
        }
        WorkRecord::Comment(comment) => {
            most("content", Some(&comment.content), CONTENT)?;
            most("next_step", comment.next_step.as_ref(), REASON)?;
            at_least("fence", comment.fence.unwrap_or(0), 0)?;
            subject(comment).map(|_| ())
        }
    }
}

/// Says what becomes of it in this team. In a dry run what it names may not have come yet.
///
/// # Errors
/// `UNAVAILABLE`.
pub(super) fn weigh(
    record: &WorkRecord,
    tx: &mut dyn ReadTx,
    permit: &Permit,
    is_dry: bool,
) -> Result<Verdict> {
    let verdict = match record {
        WorkRecord::Node(copy) => weigh_node(copy, tx, permit, is_dry)?,
        WorkRecord::Task(copy) => weigh_task(copy, tx, permit, is_dry)?,
        WorkRecord::Needs(copy) => weigh_needs(copy, tx, permit, is_dry)?,
        WorkRecord::Comment(copy) => weigh_comment(copy, tx, permit, is_dry)?,
    };
    Ok(match verdict {
        Weight::New => Verdict::Take(Change::Work(record.clone())),
        Weight::Known => Verdict::Known,
        Weight::Refused(rule) => Verdict::Refuse(rule.to_owned()),
    })
}

/// Takes it.
///
/// # Errors
/// `UNAVAILABLE`.
pub(super) fn make(record: &WorkRecord, tx: &mut dyn WriteTx, permit: &Permit) -> Result<()> {
    match record {
        WorkRecord::Node(copy) => tx.add_node(permit, &(**copy).clone().into()),
        WorkRecord::Task(copy) => tx.add_task(permit, &(**copy).clone().into()),
        WorkRecord::Needs(copy) => tx.set_needs(permit, copy.task_id, &copy.needs),
        WorkRecord::Comment(copy) => {
            let comment = (**copy).clone().into_comment(subject(copy)?);
            tx.add_comment_copy(permit.oversight()?, &comment)
        }
    }
}

enum Weight {
    New,
    Known,
    Refused(&'static str),
}

/// What is here, against what was given.
fn same_or_else<T: PartialEq>(here: &T, given: &T) -> Weight {
    if here == given { Weight::Known } else { Weight::Refused(ELSE) }
}

fn weigh_node(
    copy: &NodeCopy,
    tx: &mut dyn ReadTx,
    permit: &Permit,
    is_dry: bool,
) -> Result<Weight> {
    if let Some(here) = tx.node(permit, copy.id)? {
        return Ok(same_or_else(&NodeCopy::from(here), copy));
    }
    if let Some(id) = copy.parent_id {
        match tx.node(permit, id)? {
            Some(above) if !copy.kind.may_stand_below(above.kind) => {
                return Ok(Weight::Refused("stands below a node that it can't stand below"));
            }
            None if !is_dry => {
                return Ok(Weight::Refused("stands below a node that is not here"));
            }
            _ => {}
        }
    }
    parties(&[copy.owner, copy.author], tx, permit, is_dry)
}

fn weigh_task(
    copy: &TaskCopy,
    tx: &mut dyn ReadTx,
    permit: &Permit,
    is_dry: bool,
) -> Result<Weight> {
    if let Some(here) = tx.task(permit, copy.id)? {
        return Ok(same_or_else(&TaskCopy::from(here), copy));
    }
    let above = copy.node_id.map(Parent::Node).or(copy.parent_task_id.map(Parent::Task));
    let is_here = match above {
        _ if is_dry => true,
        None => true,
        Some(Parent::Node(id)) => tx.node(permit, id)?.is_some(),
        Some(Parent::Task(id)) => tx.task(permit, id)?.is_some(),
    };
    if !is_here {
        return Ok(Weight::Refused("stands below a node or task that is not here"));
    }
    parties(&[copy.assignee, copy.worker, copy.author], tx, permit, is_dry)
}

fn weigh_needs(
    copy: &NeedsCopy,
    tx: &mut dyn ReadTx,
    permit: &Permit,
    is_dry: bool,
) -> Result<Weight> {
    let task = tx.task(permit, copy.task_id)?;
    let mut here: Vec<TaskId> = tx
        .needs_of(permit, &[copy.task_id])?
        .into_iter()
        .filter(|need| need.task == copy.task_id)
        .map(|need| need.needs)
        .collect();
    here.sort_unstable();
    match task {
        None if is_dry => return Ok(Weight::New),
        None => return Ok(Weight::Refused("names a task that is not here")),
        Some(_) if here == copy.needs => return Ok(Weight::Known),
        // Nothing is added to what the team itself has changed since.
        Some(task) if !here.is_empty() || task.version != copy.version => {
            return Ok(Weight::Refused("the task here waits for others"));
        }
        Some(_) => {}
    }
    if !is_dry && tx.tasks_of(permit, &copy.needs)?.len() < copy.needs.len() {
        return Ok(Weight::Refused("names a task that is not here"));
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut next = copy.needs.clone();
    while !next.is_empty() {
        if next.contains(&copy.task_id) {
            return Ok(Weight::Refused("would make a task wait for itself"));
        }
        next = tx.tasks_before(permit, &next)?;
        next.retain(|id| seen.insert(*id));
    }
    Ok(Weight::New)
}

fn weigh_comment(
    copy: &CommentCopy,
    tx: &mut dyn ReadTx,
    permit: &Permit,
    is_dry: bool,
) -> Result<Weight> {
    let all = permit.oversight()?;
    if let Some(here) = tx.comment_by_id(all, copy.id)? {
        return Ok(same_or_else(&CommentCopy::from(here), copy));
    }
    let is_here = match subject(copy)? {
        Subject::Memory(id) if tx.erasure(permit, id)?.is_some() => {
            return Ok(Weight::Refused("is about a memory that was erased here for good"));
        }
        _ if is_dry => true,
        Subject::Task(id) => tx.task(permit, id)?.is_some(),
        Subject::Node(id) => tx.node(permit, id)?.is_some(),
        Subject::Memory(id) => tx.memory_copy(all, id)?.is_some(),
        Subject::Conflict(id) => tx.has_conflict(all, id)?,
    };
    if !is_here {
        return Ok(Weight::Refused("is about something that is not here"));
    }
    parties(&[copy.author], tx, permit, is_dry)
}

/// Whether the agents that are named are here. Members aren't carried over, so theirs are ids alone.
fn parties(
    named: &[Option<PartyCopy>],
    tx: &mut dyn ReadTx,
    permit: &Permit,
    is_dry: bool,
) -> Result<Weight> {
    for party in named.iter().flatten() {
        if let PartyCopy::Agent(id) = party
            && !is_dry
            && tx.agent(permit, *id)?.is_none()
        {
            return Ok(Weight::Refused("names an agent that is not here"));
        }
    }
    Ok(Weight::New)
}

fn subject(copy: &CommentCopy) -> Result<Subject> {
    let rule = "must be the id of a task, node, memory or conflict";
    Subject::parse(&copy.about_id).ok_or_else(|| Error::invalid("about_id", rule))
}

fn trimmed(field: &str, text: &mut String, most: usize) -> Result<()> {
    *text = line(field, std::mem::take(text), most)?;
    Ok(())
}

fn most(field: &str, text: Option<&String>, most: usize) -> Result<()> {
    text.map_or(Ok(()), |text| full_text(field, text.clone(), most).map(|_| ()))
}

fn at_least(field: &str, number: i64, least: i64) -> Result<()> {
    if number < least {
        return Err(Error::invalid(field, format!("must be at least {least}")));
    }
    Ok(())
}
