//! The indexes of teams: each made when somebody first recalls, kept in step by the numbers of
//! changes, and let go when others need the room.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::core::error::Result;
use crate::core::id::TeamId;
use crate::identity::permit::Permit;
use crate::memory::index::{Index, Meaning};
use crate::store::ReadTx;
use crate::store::pieces::Change;

/// Changes that are read at once: their texts are in memory together.
const PAGE: usize = 250;

/// Changes after which an index's size is looked at again.
const GROWN: usize = 2_000;

/// One index for each team, within a bound of bytes.
pub(super) struct Indexes {
    most_bytes: usize,
    teams: Mutex<Teams>,
}

#[derive(Default)]
struct Teams {
    indexes: HashMap<TeamId, (u64, Arc<TeamIndex>)>,
    used: u64,
}

impl Indexes {
    pub(super) fn new(most_bytes: usize) -> Self {
        Self { most_bytes, teams: Mutex::default() }
    }

    /// A team's index, perhaps an empty one that has yet to be made.
    pub(super) fn of(&self, team: TeamId) -> Arc<TeamIndex> {
        let mut teams = locked(&self.teams);
        teams.used += 1;
        let now = teams.used;
        let (used, index) = teams.indexes.entry(team).or_default();
        *used = now;
        Arc::clone(index)
    }

    /// Lets go of a team's index. Whoever looks through it now goes on doing so.
    pub(super) fn let_go(&self, team: TeamId) {
        locked(&self.teams).indexes.remove(&team);
    }

    /// Lets go of those that were used longest ago until all fit, but for the one of this team.
    pub(super) fn keep_within(&self, team: TeamId) {
        let mut teams = locked(&self.teams);
        loop {
            let total: usize = teams.indexes.values().map(|(_, index)| index.bytes()).sum();
            let others = teams.indexes.iter().filter(|(other, _)| **other != team);
            let oldest = others.min_by_key(|(_, (used, _))| *used).map(|(team, _)| *team);
            match oldest {
                Some(oldest) if total > self.most_bytes => teams.indexes.remove(&oldest),
                _ => return,
            };
        }
    }
}

/// The index of one team, with the number of the last change that it has taken in.
#[derive(Default)]
pub(super) struct TeamIndex {
    held: RwLock<Held>,
    /// About how many it takes: beside the lock, because all teams' are added up.
    bytes: AtomicUsize,
    /// Whoever makes it holds this; the others wait and find it made.
    making: Mutex<()>,
}

#[derive(Default)]
struct Held {
    /// `None` before it is made.
    index: Option<Index>,
    dimensions: usize,
    /// Whose changes it has taken in: see [`crate::store::pieces::PieceRead::history`].
    history: i64,
    /// The number of the last change in it.
    until: i64,
    /// Changes since its size was looked at.
    changed: usize,
}

impl TeamIndex {
    /// Makes the index where there is none, and takes in all that this transaction sees changed.
    pub(super) fn follow(
        &self,
        tx: &mut dyn ReadTx,
        permit: &Permit,
        model: &str,
        dimensions: usize,
    ) -> Result<()> {
        let history = tx.history();
        let Some(mut until) = self.until(dimensions, history) else {
            return self.make(tx, permit, model, dimensions);
        };
        loop {
            let changes = tx.index_changes(permit, model, until, PAGE)?;
            let count = changes.len();
            let Some(last) = changes.last().map(|change| change.number) else { return Ok(()) };
            until = self.take_in(history, changes).max(last);
            if count < PAGE {
                return Ok(());
            }
        }
    }

    /// Looks through it. An empty one where it isn't made: nobody asks before [`TeamIndex::follow`].
    pub(super) fn read<T>(&self, look: impl FnOnce(&Index) -> T) -> T {
        match &self.held().index {
            Some(index) => look(index),
            None => look(&Index::default()),
        }
    }

    fn until(&self, dimensions: usize, history: i64) -> Option<i64> {
        let held = self.held();
        // A model elsewhere says how long its vectors are when the first has come.
        let is_ours = held.dimensions == dimensions && held.history == history;
        (held.index.is_some() && is_ours).then_some(held.until)
    }

    fn make(
        &self,
        tx: &mut dyn ReadTx,
        permit: &Permit,
        model: &str,
        dimensions: usize,
    ) -> Result<()> {
        let making = locked(&self.making);
        let history = tx.history();
        if self.until(dimensions, history).is_some() {
            drop(making);
            // It was made in another's unit, which may have begun before this one.
            return self.follow(tx, permit, model, dimensions);
        }
        let index = Some(Index::new(dimensions));
        let mut new = Held { index, dimensions, history, ..Held::default() };
        loop {
            let changes = tx.index_changes(permit, model, new.until, PAGE)?;
            let count = changes.len();
            new.take_in(changes);
            if count < PAGE {
                break;
            }
        }
        if let Some(index) = &mut new.index {
            index.shrink();
            self.bytes.store(index.bytes(), Ordering::Relaxed);
        }
        *self.write() = new;
        Ok(())
    }

    /// Takes in changes; gives the number of the last that is in it.
    fn take_in(&self, history: i64, changes: Vec<Change>) -> i64 {
        let mut held = self.write();
        if held.history != history {
            // It was made anew from another server meanwhile.
            return 0;
        }
        let until = held.take_in(changes);
        if held.changed >= GROWN {
            held.changed = 0;
            let bytes = held.index.as_ref().map_or(0, Index::bytes);
            self.bytes.store(bytes, Ordering::Relaxed);
        }
        until
    }

    /// How many vectors it holds and how many bytes it takes; `None` where it isn't made.
    pub(super) fn size(&self) -> Option<(usize, usize)> {
        let vectors = self.held().index.as_ref().map(|index| index.scales().len());
        vectors.map(|vectors| (vectors, self.bytes()))
    }

    fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    fn held(&self) -> RwLockReadGuard<'_, Held> {
        self.held.read().unwrap_or_else(|_| {
            drop(self.write());
            self.held.read().unwrap_or_else(PoisonError::into_inner)
        })
    }

    fn write(&self) -> RwLockWriteGuard<'_, Held> {
        self.held.write().unwrap_or_else(|poisoned| {
            // Whoever changed it panicked on the way: nobody knows what it holds. It is made anew.
            let mut held = poisoned.into_inner();
            *held = Held::default();
            self.held.clear_poison();
            held
        })
    }
}

impl Held {
    /// Takes in those changes that it hasn't yet; gives the number of the last that it has. Others
    /// may have taken in later ones: what they saw of a memory is newer.
    fn take_in(&mut self, changes: Vec<Change>) -> i64 {
        let Some(index) = &mut self.index else { return self.until };
        for change in changes {
            if change.number <= self.until {
                continue;
            }
            match change.now {
                None => index.remove(change.id),
                Some(now) => {
                    let meanings: Vec<Meaning> = now
                        .pieces
                        .into_iter()
                        .map(|piece| Meaning { values: piece.values, scale: piece.scale })
                        .collect();
                    index.put(&now.memory, now.is_accepted, &meanings);
                }
            }
            self.until = change.number;
            self.changed += 1;
        }
        self.until
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
