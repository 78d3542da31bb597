//! `daily_summary`: what a day brought, counted and in the words of its memories.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::AuthorView;
use crate::core::clock::{DAY_MS, Timestamp};
use crate::core::error::{Error, Result};
use crate::core::id::MemoryId;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::fields::{MemoryType, Status};
use crate::memory::memory::Memory;
use crate::memory::summary::{self, Counts};
use crate::store::conflicts::ConflictCounts;

pub struct DailySummary;

/// Which day, and whose.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// YYYY-MM-DD; today if left out
    #[schemars(length(max = 32))]
    date: Option<String>,
    /// Where the day begins, such as +02:00; UTC if left out
    #[schemars(length(max = 16))]
    utc_offset: Option<String>,
    /// Of these agent ids' memories alone
    #[schemars(length(max = 20), inner(length(min = 1, max = 100)))]
    agents: Option<Vec<String>>,
    /// Most statements; 10 if left out
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
}

/// What the day brought.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    date: String,
    from: Timestamp,
    until: Timestamp,
    counts: CountsView,
    /// Of what was created, by type
    by_type: BTreeMap<String, u64>,
    /// Changes by the agent that made them
    by_agent: Vec<AgentCount>,
    /// What became of contradictions
    conflicts: ConflictsView,
    /// What others confirmed that day and still holds, the most often confirmed first
    confirmed: Vec<Confirmed>,
    /// What was decided that day and still holds, oldest first
    decisions: Vec<Line>,
    /// The statements of that day that tell most and still hold
    telling: Vec<Line>,
    /// Whether more happened than was looked at
    more: bool,
    /// All of it, to be read
    markdown: String,
}

/// How much happened, a change each.
#[derive(Serialize, JsonSchema)]
pub struct CountsView {
    created: u64,
    changed: u64,
    superseded: u64,
    expired: u64,
    forgotten: u64,
    /// Active again, or accepted
    restored: u64,
}

/// What became of contradictions.
#[derive(Serialize, JsonSchema)]
pub struct ConflictsView {
    opened: u64,
    /// Decided, dismissed, or gone by themselves
    settled: u64,
}

/// A memory that others confirmed.
#[derive(Serialize, JsonSchema)]
pub struct Confirmed {
    #[serde(flatten)]
    line: Line,
    /// How many did so that day
    times: u64,
}

/// An agent, and how many changes it made.
#[derive(Serialize, JsonSchema)]
pub struct AgentCount {
    /// Absent for people
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    changes: u64,
}

/// A memory in a line; `memory_get` gives all of it.
#[derive(Serialize, JsonSchema)]
pub struct Line {
    id: String,
    #[serde(rename = "type")]
    memory_type: MemoryType,
    text: String,
    author: AuthorView,
}

/// Changes of a day that are looked at.
const CHANGES: usize = 10_000;

/// Memories whose words are read.
const READ: usize = 1_000;

impl Operation for DailySummary {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "daily_summary",
        title: "Sum up a day",
        description: include_str!("../../tools/daily_summary.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Memory,
        is_listed: false,
        route: Route { method: Method::Get, path: "/daily-summary", status: 200 },
        cli: Some(Cli { path: &["summary"], positional: Some("date") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let (date, from) = day(input.date.as_deref(), input.utc_offset.as_deref(), call.at)?;
        let until = from.plus_millis(DAY_MS - 1);
        let agents = input.agents.unwrap_or_default();
        let most = input.limit.unwrap_or(10) as usize;
        let (changes, memories, conflicts, confirmed) = call
            .read(move |tx, permit| {
                let conflicts = tx.conflict_counts(permit, from, until, &agents)?;
                let times = tx.confirmed_between(permit, from, until, &agents, most)?;
                let ids: Vec<MemoryId> = times.iter().map(|(id, _)| *id).collect();
                let confirmed: Vec<(Memory, u64)> = tx
                    .memories_of(permit, &ids)?
                    .into_iter()
                    .zip(times.iter().map(|(_, times)| *times))
                    .collect();
                let changes = tx.changes_between(permit, from, until, &agents, CHANGES + 1)?;
                let mut known: HashSet<MemoryId> = HashSet::new();
                let said = changes.iter().filter(|change| {
                    // A status alone says nothing new.
                    (change.was.is_none() || change.was == Some(change.status))
                        && change.status == Status::Active
                });
                let ids: Vec<MemoryId> = said
                    .map(|change| change.id)
                    .filter(|id| known.insert(*id))
                    .take(READ)
                    .collect();
                Ok((changes, tx.memories_of(permit, &ids)?, conflicts, confirmed))
            })
            .await?;
        let more = changes.len() > CHANGES;
        let counts = summary::count(&changes[..changes.len().min(CHANGES)]);
        let decided = memories.iter().filter(|memory| {
            memory.status == Status::Active && memory.statement.memory_type == MemoryType::Decision
        });
        let decisions: Vec<Line> = decided.take(most).map(Line::of).collect();
        let telling = summary::telling(&memories, most);
        let telling: Vec<Line> = telling.into_iter().map(Line::of).collect();
        let confirmed: Vec<Confirmed> = confirmed
            .iter()
            .map(|(memory, times)| Confirmed { line: Line::of(memory), times: *times })
            .collect();
        let lists = Lists { decisions, confirmed, telling };
        let markdown = markdown(&date, &counts, conflicts, &lists);
        Ok(Output {
            date,
            from,
            until,
            counts: CountsView {
                created: counts.created,
                changed: counts.changed,
                superseded: counts.superseded,
                expired: counts.expired,
                forgotten: counts.forgotten,
                restored: counts.restored,
            },
            by_type: counts
                .by_type
                .iter()
                .map(|(name, count)| ((*name).to_owned(), *count))
                .collect(),
            by_agent: counts
                .by_agent
                .into_iter()
                .map(|(agent, changes)| AgentCount { agent, changes })
                .collect(),
            conflicts: ConflictsView { opened: conflicts.opened, settled: conflicts.settled },
            confirmed: lists.confirmed,
            decisions: lists.decisions,
            telling: lists.telling,
            more,
            markdown,
        })
    }
}

/// The date, and its first millisecond.
fn day(date: Option<&str>, offset: Option<&str>, now: Timestamp) -> Result<(String, Timestamp)> {
    let minutes = offset.map_or(Some(0), minutes_of).ok_or_else(|| {
        Error::invalid("utc_offset", "must be like +02:00 or -05:30, at most 14 hours")
    })?;
    let ahead = i64::from(minutes) * 60_000;
    let date = match date {
        Some(date) => date.to_owned(),
        None => now.plus_millis(ahead).to_string()[..10].to_owned(),
    };
    let start = Timestamp::parse(&date, false).filter(|_| date.len() == 10);
    let start =
        start.ok_or_else(|| Error::invalid("date", "must be a date, such as 2026-11-22"))?;
    Ok((date, start.plus_millis(-ahead)))
}

/// An offset in minutes.
fn minutes_of(offset: &str) -> Option<i32> {
    if offset == "Z" {
        return Some(0);
    }
    let sign = match offset.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let number = |text: &str| -> Option<i32> {
        let is_plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_plain { text.parse().ok() } else { None }
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let whole = hours * 60 + minutes;
    (minutes < 60 && whole <= 14 * 60).then_some(sign * whole)
}

/// What stands in lists.
struct Lists {
    decisions: Vec<Line>,
    confirmed: Vec<Confirmed>,
    telling: Vec<Line>,
}

/// The summary to be read. What was remembered stands in lists of its own, with its ids.
fn markdown(date: &str, counts: &Counts, conflicts: ConflictCounts, lists: &Lists) -> String {
    let mut text = format!("# {date}\n\n");
    let all = [
        (counts.created, "new"),
        (counts.changed, "changed"),
        (counts.superseded, "superseded"),
        (counts.expired, "expired"),
        (counts.forgotten, "forgotten"),
        (counts.restored, "restored or accepted"),
        (conflicts.opened, "in conflict"),
        (conflicts.settled, "conflicts settled"),
    ];
    let named: Vec<String> = all
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    let line =
        if named.is_empty() { "Nothing was remembered.".to_owned() } else { named.join(", ") };
    let _ = writeln!(text, "{line}");
    let plain = |lines: &[Line]| -> Vec<String> {
        lines.iter().map(|line| format!("- {} [{}]", line.text, line.id)).collect()
    };
    let confirmed = lists.confirmed.iter().map(|one| {
        let times = if one.times == 1 { String::new() } else { format!(", {} times", one.times) };
        format!("- {} [{}{times}]", one.line.text, one.line.id)
    });
    for (heading, lines) in [
        ("Decided", plain(&lists.decisions)),
        ("Confirmed", confirmed.collect()),
        ("Most telling", plain(&lists.telling)),
    ] {
        if !lines.is_empty() {
            let _ = writeln!(text, "\n## {heading}\n\n{}", lines.join("\n"));
        }
    }
    text
}

impl Line {
    fn of(memory: &Memory) -> Self {
        Self {
            id: memory.id.to_string(),
            memory_type: memory.statement.memory_type,
            text: summary::line(memory),
            author: memory.author.clone().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_where_its_offset_says() {
        let now = Timestamp::parse("2026-11-22T23:30:00Z", false).expect("a time");
        let seen = |date: Option<&str>, offset: Option<&str>| {
            day(date, offset, now).map(|(date, from)| (date, from.to_string())).ok()
        };
        let expected = |date: &str, from: &str| Some((date.to_owned(), format!("{from}:00.000Z")));

        assert_eq!(seen(None, None), expected("2026-11-22", "2026-11-22T00:00"));
        assert_eq!(seen(None, Some("+02:00")), expected("2026-11-23", "2026-11-22T22:00"));
        assert_eq!(
            seen(Some("2026-11-01"), Some("-05:30")),
            expected("2026-11-01", "2026-11-01T05:30")
        );
        assert_eq!(seen(Some("2026-11-01"), Some("Z")), expected("2026-11-01", "2026-11-01T00:00"));
        for (date, offset) in [
            (Some("2026-13-01"), None),
            (Some("yesterday"), None),
            (Some("../../etc"), None),
            (Some("2026-11-22T00:00:00Z"), None),
            (None, Some("2")),
            (None, Some("+15:00")),
            (None, Some("+01:60")),
            (None, Some("+é:00")),
        ] {
            assert_eq!(seen(date, offset), None, "{date:?} {offset:?}");
        }
    }
}
