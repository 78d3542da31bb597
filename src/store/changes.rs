//! Word that something of a team has changed, whichever server changed it.
//!
//! The one idea: word carries no content. Whoever hears it reads the store again under a permit of
//! their own, so that nothing is heard that couldn't be read, and word that is lost with its
//! carrier is made good by being told to look again.
//!
//! An engine watches for changes only while somebody listens: see `changes.rs` of each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::core::id::TeamId;

/// How long an engine goes on watching after the last listener has gone: the next may come soon.
pub(super) const LINGER: Duration = Duration::from_secs(30);

/// What one listener hears of its team.
pub struct Changes {
    bell: Arc<Bell>,
    team: TeamId,
    heard: watch::Receiver<i64>,
}

impl Changes {
    /// Waits until something of the team may have changed since this was last called; gives the
    /// newest event of the trail that it is known of, 0 where none is. What gathers meanwhile is
    /// heard once, and it may come without a change. `None` when the store is closed.
    ///
    /// Whatever is committed after this listener came to be is heard of, on whichever server: at
    /// once as a rule, and when the carrier of such word was lost, as soon as there is one again.
    pub async fn next(&mut self) -> Option<i64> {
        self.heard.changed().await.ok()?;
        Some(*self.heard.borrow_and_update())
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        let mut listening = self.bell.locked();
        // This listener still counts.
        if listening.teams.get(&self.team).is_some_and(|team| team.receiver_count() <= 1) {
            listening.teams.remove(&self.team);
            self.bell.wanted.send_modify(|()| {});
        }
    }
}

/// What an engine rings, and listeners hear.
pub(super) struct Bell {
    listening: Mutex<Listening>,
    /// Moves when other teams are listened to than before.
    wanted: watch::Sender<()>,
}

#[derive(Default)]
struct Listening {
    teams: HashMap<TeamId, watch::Sender<i64>>,
    /// Whether the engine watches.
    is_watched: bool,
    is_closed: bool,
}

impl Bell {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { listening: Mutex::default(), wanted: watch::Sender::new(()) })
    }

    /// A new listener; and whether the engine has to begin to watch.
    pub(super) fn listen(self: &Arc<Self>, team: TeamId) -> (Changes, bool) {
        let mut listening = self.locked();
        let heard = if listening.is_closed {
            watch::Sender::new(0).subscribe()
        } else {
            listening.teams.entry(team).or_insert_with(|| watch::Sender::new(0)).subscribe()
        };
        let begins = !listening.is_watched && !listening.is_closed;
        listening.is_watched |= begins;
        drop(listening);
        self.wanted.send_modify(|()| {});
        (Changes { bell: Arc::clone(self), team, heard }, begins)
    }

    /// Tells a team's listeners of its newest event.
    pub(super) fn ring(&self, team: TeamId, sequence: i64) {
        if let Some(heard) = self.locked().teams.get(&team) {
            heard.send_modify(|newest| *newest = sequence.max(*newest));
        }
    }

    /// Has every listener look again: word may have been lost, or is about to be.
    pub(super) fn ring_all(&self) {
        for heard in self.locked().teams.values() {
            heard.send_modify(|_| {});
        }
    }

    /// The teams that are listened to.
    pub(super) fn teams(&self) -> Vec<TeamId> {
        self.locked().teams.keys().copied().collect()
    }

    /// Moves when [`Bell::teams`] may give others than before, and when the store is closed.
    pub(super) fn wanted(&self) -> watch::Receiver<()> {
        self.wanted.subscribe()
    }

    /// Whether the engine may stop watching: nobody listens. If so, the next listener begins anew.
    pub(super) fn rest(&self) -> bool {
        let mut listening = self.locked();
        let may_rest = listening.teams.is_empty();
        listening.is_watched &= !may_rest;
        may_rest
    }

    /// Ends every listener.
    pub(super) fn close(&self) {
        let mut listening = self.locked();
        listening.is_closed = true;
        listening.teams.clear();
        drop(listening);
        self.wanted.send_modify(|()| {});
    }

    fn locked(&self) -> MutexGuard<'_, Listening> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for as long as nobody listens. `false` when the engine may stop watching.
pub(super) async fn is_wanted(bell: &Bell, wanted: &mut watch::Receiver<()>) -> bool {
    while bell.teams().is_empty() {
        let is_closed = bell.locked().is_closed;
        if (is_closed || tokio::time::timeout(LINGER, wanted.changed()).await.is_err())
            && bell.rest()
        {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::clock::Timestamp;
    use crate::core::id::Ids;

    fn team(ids: &Ids) -> TeamId {
        ids.next(Timestamp::from_millis(1))
    }

    #[tokio::test]
    async fn a_listener_hears_of_its_team_alone_and_once_of_what_gathered() {
        let (bell, ids) = (Bell::new(), Ids::default());
        let (ours, others) = (team(&ids), team(&ids));
        let (mut changes, begins) = bell.listen(ours);

        bell.ring(others, 7);
        bell.ring(ours, 2);
        bell.ring(ours, 3);
        let heard = changes.next().await;
        bell.ring(ours, 0);

        assert!(begins);
        assert_eq!((heard, changes.next().await), (Some(3), Some(3)));
        assert!(!changes.heard.has_changed().expect("open"), "nothing more");
    }

    #[tokio::test]
    async fn where_word_may_be_lost_every_listener_looks_again() {
        let (bell, ids) = (Bell::new(), Ids::default());
        let (mut ours, _) = bell.listen(team(&ids));
        let (mut others, _) = bell.listen(team(&ids));

        bell.ring_all();

        assert_eq!((ours.next().await, others.next().await), (Some(0), Some(0)));
    }

    #[tokio::test]
    async fn a_closed_bell_ends_those_who_listen_and_those_who_come() {
        let (bell, ids) = (Bell::new(), Ids::default());
        let ours = team(&ids);
        let (mut before, _) = bell.listen(ours);

        bell.close();
        let (mut after, begins) = bell.listen(ours);

        assert_eq!((before.next().await, after.next().await, begins), (None, None, false));
    }

    #[test]
    fn who_watches_may_rest_when_the_last_has_gone_and_is_woken_by_the_next() {
        let (bell, ids) = (Bell::new(), Ids::default());
        let ours = team(&ids);
        let (first, _) = bell.listen(ours);
        let (second, begins) = bell.listen(ours);

        drop(first);
        let while_one_listens = bell.rest();
        drop(second);

        assert!(!begins && !while_one_listens);
        assert!(bell.rest() && bell.teams().is_empty());
        assert!(bell.listen(ours).1);
    }
}
