//! Units that write: one lane a team.
//!
//! Units of one team follow one another anyway, behind the team's lock. So each team has one lane in
//! a process: however many of its units wait, they hold one connection, and what has gathered while
//! one transaction was committed shares the next. A team that writes much makes no other team wait.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::failure::Failure;
use super::{Mode, Pool, Ran, closed, in_transaction};
use crate::core::error::{Error, Result};
use crate::core::id::TeamId;
use crate::store::Unit;

/// How many units share a commit at most, so that the first doesn't wait for long.
const GROUP: usize = 128;

/// How many units may wait in a lane; more are refused rather than kept waiting for long.
const QUEUE: usize = 4096;

type Answer = oneshot::Sender<Result<()>>;

/// Units that wait, by team; `None` is for those whose team isn't known before they run. A lane is
/// there while something moves in it.
#[derive(Default)]
struct Waiting {
    lanes: HashMap<Option<TeamId>, VecDeque<(Unit, Answer)>>,
    is_closed: bool,
}

/// The lanes of one process.
pub(super) struct Lanes {
    pool: Arc<Pool>,
    waiting: Arc<Mutex<Waiting>>,
}

impl Lanes {
    pub(super) fn new(pool: Arc<Pool>) -> Self {
        Self { pool, waiting: Arc::default() }
    }

    pub(super) async fn submit(&self, team: Option<TeamId>, unit: Unit) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        let is_first = {
            let mut waiting = locked(&self.waiting);
            if waiting.is_closed {
                return Err(closed());
            }
            match waiting.lanes.entry(team) {
                Entry::Occupied(mut lane) => {
                    if lane.get().len() >= QUEUE {
                        return Err(Error::unavailable("too many units of one team wait"));
                    }
                    lane.get_mut().push_back((unit, answer));
                    false
                }
                Entry::Vacant(lane) => {
                    lane.insert(VecDeque::from([(unit, answer)]));
                    true
                }
            }
        };
        if is_first {
            tokio::spawn(run(Arc::clone(&self.pool), Arc::clone(&self.waiting), team));
        }
        answered.await.map_err(|_| closed())?
    }

    /// Lets the units that wait end; takes no more.
    pub(super) async fn close(&self) {
        locked(&self.waiting).is_closed = true;
        let all = u32::try_from(self.pool.address.connections).unwrap_or(u32::MAX);
        // With every place in hand nothing runs; a lane with units left takes its place after us.
        while let Ok(places) = self.pool.places.acquire_many(all).await {
            if locked(&self.waiting).lanes.is_empty() {
                break;
            }
            drop(places);
            tokio::task::yield_now().await;
        }
    }
}

fn locked(waiting: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a lane until it is empty. Its place is given back after each group, so that teams take turns.
async fn run(pool: Arc<Pool>, waiting: Arc<Mutex<Waiting>>, team: Option<TeamId>) {
    // Units that may be of several teams would take several locks: one at a time.
    let most = if team.is_some() { GROUP } else { 1 };
    loop {
        let place = pool.places.acquire().await;
        let group = {
            let mut waiting = locked(&waiting);
            let Some(lane) = waiting.lanes.get_mut(&team) else { return };
            let group: Vec<_> = lane.drain(..lane.len().min(most)).collect();
            if group.is_empty() || place.is_err() {
                waiting.lanes.remove(&team);
                return;
            }
            group
        };
        let runs_on = Arc::clone(&pool);
        // A panic in it drops the group's answers, which tells who waits.
        let _ = tokio::task::spawn_blocking(move || commit(&runs_on, group)).await;
    }
}

/// Runs a group in one transaction and answers each unit once all is durable. Where one fails, each
/// runs in a transaction of its own.
fn commit(pool: &Pool, group: Vec<(Unit, Answer)>) {
    let (mut units, answers): (Vec<Unit>, Vec<Answer>) = group.into_iter().unzip();
    if units.len() > 1 {
        let ran = pool.link().map_or_else(Ran::Failed, |mut link| {
            let ran = in_transaction(&mut link, Mode::Write, &mut units);
            if link.failure() == Some(Failure::Broken) {
                pool.drop_idle();
            }
            pool.give_back(link);
            ran
        });
        match ran {
            Ran::Committed => return answer(answers, |()| Ok(())),
            Ran::Unknown(_) => {
                return answer(answers, |()| Err(Error::unavailable("a commit has no answer")));
            }
            Ran::Failed(_) => {}
        }
    }
    for (unit, answer) in units.iter_mut().zip(answers) {
        let _ = answer.send(pool.run(Mode::Write, unit));
    }
}

fn answer(answers: Vec<Answer>, outcome: impl Fn(()) -> Result<()>) {
    for answer in answers {
        let _ = answer.send(outcome(()));
    }
}
