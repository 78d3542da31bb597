//! What happens at once, a thousand times: somebody strikes a credential while it writes, and many
//! name a key's first agent. Who comes first differs from round to round; what holds doesn't.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::future::join_all;
use memoranda::auth::Principal;
use memoranda::cli::compose::House;
use memoranda::core::clock::{Clock, ManualClock};
use memoranda::core::error::{Code, Result};
use memoranda::core::id::MemoryId;
use memoranda::identity::key::{ApiKey, KeyId};
use memoranda::identity::permit::Permit;
use memoranda::memory::memory::Memory;
use memoranda::store::keys::NewKey;
use memoranda::store::{Store, WriteTx};

use super::team::{Caller, Team, at, draft};
use crate::support::cheap_hash;

contract! {
    nothing_is_kept_of_a_key_once_its_revocation_is,
    nothing_is_kept_of_an_old_secret_once_its_rotation_is,
    a_thousand_times_one_first_agent_id_wins,
}

const ROUNDS: usize = 1_000;

/// How many rounds run beside each other, so that units of several stand in one group.
const BESIDE: usize = 8;

/// How many write while one strikes.
const WRITERS: usize = 4;

/// Adds so many keys at once.
async fn add_keys(team: &Team, keys: &[ApiKey], hash: impl Fn(&ApiKey) -> String) {
    let new: Vec<NewKey> = keys
        .iter()
        .map(|key| NewKey {
            id: key.id(),
            secret_hash: hash(key),
            ..team.new_key(&key.id().to_string())
        })
        .collect();
    let (store, id) = (team.store(), team.id);
    let added = store.set_up(move |tx| new.iter().try_for_each(|key| tx.add_first_key(id, key)));
    added.await.expect("added");
}

/// Which of these memories are there.
async fn kept(owner: &Caller, ids: Vec<MemoryId>) -> Vec<MemoryId> {
    let found = owner.read(move |tx, permit| {
        let mut kept = Vec::new();
        for id in &ids {
            kept.extend(tx.memory(permit, *id)?.map(|memory| memory.id));
        }
        Ok(kept)
    });
    found.await.expect("reads")
}

type Step = Pin<Box<dyn Future<Output = Outcome> + Send>>;

enum Outcome {
    Written(Result<MemoryId>),
    /// What was kept when the strike was answered.
    Struck(Vec<MemoryId>),
}

/// Writers write, somebody strikes in a place that differs each round, and nothing is kept after
/// the strike was answered. Gives how many wrote before, and how many were refused.
async fn round(
    number: usize,
    owner: Caller,
    writer: Caller,
    strike: impl FnMut(&mut dyn WriteTx, &Permit) -> Result<()> + Send + 'static,
) -> (usize, usize) {
    let memories: Vec<Memory> =
        (0..WRITERS).map(|_| writer.memory(draft("Said while it was struck."))).collect();
    let ids: Vec<MemoryId> = memories.iter().map(|memory| memory.id).collect();
    let mut steps: Vec<Step> = memories
        .into_iter()
        .map(|memory| -> Step {
            let writer = writer.clone();
            Box::pin(async move { Outcome::Written(writer.add(memory).await) })
        })
        .collect();
    let (striker, all) = (owner.clone(), ids.clone());
    let struck = async move {
        striker.write(strike).await.expect("strikes");
        Outcome::Struck(kept(&striker, all).await)
    };
    steps.insert(number % (WRITERS + 1), Box::pin(struck));

    let (mut written, mut refused, mut then) = (Vec::new(), 0, Vec::new());
    for outcome in join_all(steps.into_iter().map(tokio::spawn)).await {
        match outcome.expect("no panic") {
            Outcome::Written(Ok(id)) => written.push(id),
            Outcome::Written(Err(error)) => {
                assert_eq!(error.code(), Code::InvalidApiKey);
                refused += 1;
            }
            Outcome::Struck(kept) => then = kept,
        }
    }

    // What was answered `Ok` is there, and was when the strike was answered; nothing else ever is.
    assert_eq!(then, written, "round {number}");
    assert_eq!(kept(&owner, ids).await, written, "round {number}");
    (written.len(), refused)
}

/// Runs the rounds, some beside each other. In some the writers come first, in some the strike.
async fn rounds<F: Future<Output = (usize, usize)>>(
    keys: &[KeyId],
    run: impl Fn(usize, KeyId) -> F,
) {
    let (mut written, mut refused) = (0, 0);
    let numbered: Vec<(usize, KeyId)> = keys.iter().copied().enumerate().collect();
    for some in numbered.chunks(BESIDE) {
        for (wrote, was_refused) in
            join_all(some.iter().map(|(number, id)| run(*number, *id))).await
        {
            written += wrote;
            refused += was_refused;
        }
    }
    assert_eq!(written + refused, ROUNDS * WRITERS);
    assert!(written > ROUNDS / 10 && refused > ROUNDS / 10, "both orders: {written}, {refused}");
}

fn keys() -> (Vec<ApiKey>, Vec<KeyId>) {
    let keys: Vec<ApiKey> = (0..ROUNDS).map(|_| ApiKey::generate()).collect();
    let ids = keys.iter().map(ApiKey::id).collect();
    (keys, ids)
}

async fn nothing_is_kept_of_a_key_once_its_revocation_is(store: &Store) {
    let team = Team::new(store, "north").await;
    let (keys, ids) = keys();
    add_keys(&team, &keys, |_| "no hash".to_owned()).await;

    rounds(&ids, |number, id| {
        let revoke = move |tx: &mut dyn WriteTx, permit: &Permit| {
            assert!(tx.revoke_key(permit, id, at(0))?);
            Ok(())
        };
        round(number, team.owner(), team.with_secret(id, 1), revoke)
    })
    .await;
}

async fn nothing_is_kept_of_an_old_secret_once_its_rotation_is(store: &Store) {
    let team = Team::new(store, "north").await;
    let (keys, ids) = keys();
    add_keys(&team, &keys, |_| "no hash".to_owned()).await;

    rounds(&ids, |number, id| {
        let rotate = move |tx: &mut dyn WriteTx, permit: &Permit| {
            tx.rotate_key(permit, id, "another hash", None, at(0))
        };
        round(number, team.owner(), team.with_secret(id, 1), rotate)
    })
    .await;

    // The new secret, which nobody had yet, is the one that holds.
    for id in ids.into_iter().take(10) {
        team.with_secret(id, 2).remember(draft("Said with the new secret.")).await;
    }
}

async fn a_thousand_times_one_first_agent_id_wins(store: &Store) {
    let team = Team::new(store, "north").await;
    let (keys, _) = keys();
    add_keys(&team, &keys, cheap_hash).await;
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(at(0)));
    let houses = [0, 1].map(|_| Arc::new(House::over(store.clone(), Arc::clone(&clock))));

    for (number, key) in keys.iter().enumerate() {
        let racing = (0..WRITERS).map(|racer| {
            let house = Arc::clone(&houses[racer % 2]);
            let (whole, slug) = (key.whole().clone(), format!("agent-{number}-{racer}"));
            tokio::spawn(async move { house.auth.key(&whole, Some(&slug)).await })
        });
        let answers = join_all(racing.collect::<Vec<_>>()).await;

        let (won, lost): (Vec<Result<Principal>>, Vec<_>) =
            answers.into_iter().map(|answer| answer.expect("no panic")).partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, WRITERS - 1), "round {number}");
        for answer in lost {
            assert_eq!(answer.expect_err("lost").code(), Code::AgentKeyConflict);
        }
    }

    let owner = team.owner();
    let agents = owner.read(|tx, permit| tx.agents(permit)).await.expect("reads");
    assert_eq!(agents.len(), ROUNDS, "a loser leaves no agent");
    assert_eq!(owner.events().await, ROUNDS, "and each first use is recorded once");
}
