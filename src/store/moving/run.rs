//! The course of a move: read, copied, indexed, compared, finished.

use serde::{Deserialize, Serialize};

use super::digest::{self, Digest};
use super::plan::{Pair, Plan};
use super::{Cell, MARKER, Shape, Side, Step, Target, WORDS, unfinished};
use crate::core::error::{Code, Error, Result};
use crate::core::id::{MemoryId, TeamId};

/// How far it has come.
#[derive(Debug)]
pub struct Progress<'a> {
    /// What is being done: `reading`, `copying`, `indexing` or `checking`.
    pub doing: &'static str,
    pub table: &'a str,
    pub rows: u64,
    pub of: u64,
}

/// Who is told.
type Watch<'w> = &'w mut dyn FnMut(Progress<'_>);

/// What a move did.
#[derive(Debug)]
pub struct Moved {
    pub tables: Vec<Digest>,
    /// Whether an earlier run had begun it.
    pub is_resumed: bool,
}

/// What a move would do.
#[derive(Debug)]
pub struct Planned {
    /// Each table that travels, with its rows.
    pub tables: Vec<(String, u64)>,
    pub target: Standing,
}

/// What a database that is to be filled holds now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing: a move begins.
    Empty,
    /// What a move that isn't finished has brought: the next run goes on.
    Begun,
    /// Something else: a move is refused.
    Filled,
}

/// A table on both sides.
#[derive(Debug)]
pub struct Compared {
    pub source: Digest,
    pub target: Digest,
}

/// What a target notes.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    /// The hash of all that the source held when the move began.
    source: String,
    /// One more with every step, so that no two notes are alike.
    step: u64,
    at: Place,
}

/// Up to where everything is done.
#[derive(Debug, Serialize, Deserialize)]
enum Place {
    Row { table: String, key: Vec<Cell>, rows: u64 },
    Beginning,
    Words { after: Option<(String, String)>, rows: u64 },
}

/// A target and its note, which moves with every step.
struct Filling<'t> {
    target: &'t mut dyn Target,
    note: Note,
    written: String,
}

impl Filling<'_> {
    /// Takes a step whose note is written with it.
    fn step(
        &mut self,
        at: Place,
        take: impl FnOnce(&mut dyn Target, Step<'_>) -> Result<()>,
    ) -> Result<()> {
        let note = Note { source: self.note.source.clone(), step: self.note.step + 1, at };
        let is = text(&note)?;
        take(self.target, Step { was: &self.written, is: &is })?;
        (self.note, self.written) = (note, is);
        Ok(())
    }
}

/// Moves everything, or goes on where an earlier run stopped.
///
/// # Errors
/// `CONFLICT` when the target holds something else, or is the source; when a side is of another
/// version; when the source has changed since the move began; when another program fills the target;
/// when what was written isn't what was read. `UNAVAILABLE`.
pub fn run(
    source: &mut dyn Side,
    target: &mut dyn Target,
    starts_anew: bool,
    batch: usize,
    watch: Watch<'_>,
) -> Result<Moved> {
    let plan = plan(source, target)?;
    let found = target.note()?;
    if found.is_none() {
        let mut counts = plan.pairs.iter().map(|pair| target.count(pair.name()));
        if counts.any(|count| count.as_ref().is_ok_and(|rows| *rows > 0)) {
            return Err(super::not_empty());
        }
    }
    let read = read(source, &plan, "reading", |pair| &pair.source, watch)?;
    let fingerprint = digest::of_all(&read);
    let is_resumed = found.is_some() && !starts_anew;
    let mut filling = begin(target, &plan, found, fingerprint, starts_anew)?;
    copy(source, &mut filling, &plan, &read, batch, watch)?;
    index(source, &mut filling, &read, batch, watch)?;
    let Filling { target, written, .. } = filling;
    let there = read_target(target, &plan, watch)?;
    if let Some((table, _)) = read.iter().zip(&there).find(|(one, other)| one != other) {
        let name = &table.table;
        return Err(Error::new(
            Code::Conflict,
            format!("what the target holds in `{name}` is not what was read from the source"),
        )
        .with_fix("see that nothing else writes to the target, and begin again with `--restart`"));
    }
    target.settle(&plan.tables())?;
    target.finish(&written)?;
    Ok(Moved { tables: there, is_resumed })
}

/// Says what [`run`] would do, and changes nothing. Without a target it would be a new database.
///
/// # Errors
/// As [`run`].
pub fn preview(source: &mut dyn Side, target: Option<&mut dyn Side>) -> Result<Planned> {
    check_source(source)?;
    let own = source.tables()?;
    let plan = Plan::new(&own, &own)?;
    let mut tables = Vec::with_capacity(plan.pairs.len());
    for name in plan.tables() {
        let rows = source.count(&name)?;
        tables.push((name, rows));
    }
    let Some(target) = target else { return Ok(Planned { tables, target: Standing::Empty }) };
    check_apart(source, target)?;
    let steps = target.steps()?;
    let standing = if steps.iter().any(|step| step == MARKER) {
        Standing::Begun
    } else if steps.is_empty() || !holds_something(target, &tables)? {
        Standing::Empty
    } else {
        Standing::Filled
    };
    Ok(Planned { tables, target: standing })
}

fn holds_something(target: &mut dyn Side, tables: &[(String, u64)]) -> Result<bool> {
    let there: Vec<String> = target.tables()?.into_iter().map(|table| table.name).collect();
    for (name, _) in tables.iter().filter(|(name, _)| there.contains(name)) {
        if target.count(name)? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Compares two databases, table by table.
///
/// # Errors
/// As [`run`]; `CONFLICT` when a move into the target isn't finished.
pub fn compare(
    source: &mut dyn Side,
    target: &mut dyn Side,
    watch: Watch<'_>,
) -> Result<Vec<Compared>> {
    check_source(source)?;
    let steps = target.steps()?;
    if steps.iter().any(|step| step == MARKER) {
        return Err(unfinished());
    }
    check_apart(source, target)?;
    check_steps(&source.steps()?, &steps)?;
    let plan = Plan::new(&source.tables()?, &target.tables()?)?;
    let ours = read(source, &plan, "reading", |pair| &pair.source, watch)?;
    let theirs = read(target, &plan, "checking", |pair| &pair.target, watch)?;
    let both = ours.into_iter().zip(theirs);
    Ok(both.map(|(source, target)| Compared { source, target }).collect())
}

/// Matches both sides, once they are found to be two databases of this version.
fn plan(source: &mut dyn Side, target: &mut dyn Target) -> Result<Plan> {
    check_source(source)?;
    check_apart(source, target)?;
    let there: Vec<String> = target.steps()?.into_iter().filter(|step| step != MARKER).collect();
    check_steps(&source.steps()?, &there)?;
    Plan::new(&source.tables()?, &target.tables()?)
}

fn check_source(source: &mut dyn Side) -> Result<()> {
    let steps = source.steps()?;
    if steps.is_empty() {
        return Err(Error::new(Code::NotFound, "the source holds no database of memoranda")
            .with_fix("name the one that is to be moved with `--from`"));
    }
    if steps.iter().any(|step| step == MARKER) {
        return Err(Error::new(
            Code::Conflict,
            "the source is itself the target of an unfinished move",
        )
        .with_fix("finish that move first: run its `memoranda migrate` again"));
    }
    Ok(())
}

fn check_apart(source: &mut dyn Side, target: &mut (impl Side + ?Sized)) -> Result<()> {
    if source.identity()? == target.identity()? {
        return Err(Error::invalid("to", "must be another database than the source"));
    }
    Ok(())
}

/// The target has the schema of this program; the source must have it too.
fn check_steps(source: &[String], target: &[String]) -> Result<()> {
    if source == target {
        return Ok(());
    }
    let message = if source.iter().all(|step| target.contains(step)) {
        "the source was last used by an older version of memoranda"
    } else {
        "the source was last used by a newer version of memoranda"
    };
    Err(Error::new(Code::Conflict, message)
        .with_fix("start this version on it once, or use the version that it is of"))
}

/// Reads the tables of one side whole, and which memories full text finds.
fn read(
    side: &mut dyn Side,
    plan: &Plan,
    doing: &'static str,
    which: impl Fn(&Pair) -> &Shape,
    watch: Watch<'_>,
) -> Result<Vec<Digest>> {
    let mut digests = Vec::with_capacity(plan.pairs.len() + 1);
    for pair in &plan.pairs {
        let table = pair.name();
        let of = side.count(table)?;
        let mut tell = |rows| watch(Progress { doing, table, rows, of });
        tell(0);
        digests.push(digest::of(side, which(pair), pair, tell)?);
    }
    // Most have words; how many is not known before.
    let of = digests.iter().find(|digest| digest.table == "memories").map_or(0, |all| all.rows);
    let tell = |rows| watch(Progress { doing, table: WORDS, rows, of });
    digests.push(digest::of_words(side, tell)?);
    Ok(digests)
}

fn read_target(target: &mut dyn Target, plan: &Plan, watch: Watch<'_>) -> Result<Vec<Digest>> {
    read(target, plan, "checking", |pair| &pair.target, watch)
}

/// Takes the target up where it stands.
fn begin<'t>(
    target: &'t mut dyn Target,
    plan: &Plan,
    found: Option<String>,
    source: String,
    starts_anew: bool,
) -> Result<Filling<'t>> {
    let Some(written) = found else {
        let note = Note { source, step: 0, at: Place::Beginning };
        let written = text(&note)?;
        target.begin(&plan.tables(), &written)?;
        return Ok(Filling { target, note, written });
    };
    let note: Note = serde_json::from_str(&written).map_err(Error::internal)?;
    if starts_anew {
        let tables = plan.tables();
        let next = Note { source, step: note.step + 1, at: Place::Beginning };
        let is = text(&next)?;
        target.clear(&tables, Step { was: &written, is: &is })?;
        return Ok(Filling { target, note: next, written: is });
    }
    if note.source != source {
        return Err(Error::new(
            Code::Conflict,
            "the source has changed since this move began, or is another one",
        )
        .with_fix("stop what writes to the source, and begin again with `--restart`"));
    }
    Ok(Filling { target, note, written })
}

/// Copies the rows that aren't there yet.
fn copy(
    source: &mut dyn Side,
    filling: &mut Filling<'_>,
    plan: &Plan,
    read: &[Digest],
    batch: usize,
    watch: Watch<'_>,
) -> Result<()> {
    let (first, mut after, mut rows) = match &filling.note.at {
        Place::Beginning => (0, None, 0),
        Place::Words { .. } => return Ok(()),
        Place::Row { table, key, rows } => {
            let at = plan.pairs.iter().position(|pair| pair.name() == table);
            let at = at.ok_or_else(|| Error::internal("a note names a table that isn't there"))?;
            (at, Some(key.clone()), *rows)
        }
    };
    for (pair, whole) in plan.pairs.iter().zip(read).skip(first) {
        let table = pair.name();
        let mut tell = |rows| watch(Progress { doing: "copying", table, rows, of: whole.rows });
        tell(rows);
        loop {
            let page = source.page(&pair.source, after.as_deref(), batch)?;
            let Some(last) = page.last() else { break };
            let key = pair.source.key_of(last);
            rows += page.len() as u64;
            let place = Place::Row { table: table.to_owned(), key: key.clone(), rows };
            filling.step(place, |target, step| target.put(&pair.target, &page, step))?;
            after = Some(key);
            tell(rows);
        }
        (after, rows) = (None, 0);
    }
    let place = Place::Words { after: None, rows: 0 };
    filling.step(place, |target, step| target.derive(step))
}

/// Makes the words of the memories that have some at the source.
fn index(
    source: &mut dyn Side,
    filling: &mut Filling<'_>,
    read: &[Digest],
    batch: usize,
    watch: Watch<'_>,
) -> Result<()> {
    let Place::Words { after, rows } = &filling.note.at else {
        return Err(Error::internal("words come after all rows"));
    };
    let known = |(team, memory): &(String, String)| -> Option<(TeamId, MemoryId)> {
        Some((team.parse().ok()?, memory.parse().ok()?))
    };
    let (mut after, mut rows) = (after.as_ref().and_then(known), *rows);
    let of = read.last().map_or(0, |words| words.rows);
    loop {
        watch(Progress { doing: "indexing", table: WORDS, rows, of });
        let page = source.worded(after.as_ref(), batch)?;
        let Some((team, memory)) = page.last() else { return Ok(()) };
        let last = (*team, memory.id);
        rows += page.len() as u64;
        let words: Vec<_> =
            page.iter().map(|(team, memory)| (*team, memory.id, memory.words())).collect();
        let shown = (last.0.to_string(), last.1.to_string());
        let place = Place::Words { after: Some(shown), rows };
        filling.step(place, |target, step| target.put_words(&words, step))?;
        after = Some(last);
    }
}

fn text(note: &Note) -> Result<String> {
    serde_json::to_string(note).map_err(Error::internal)
}
