//! What leases depend on.

use memoranda::core::id::TaskId;
use memoranda::store::Store;
use memoranda::work::party::Party;
use memoranda::work::task::{Lease, Task, TaskStatus};

use super::made;
use super::team::{Caller, Team, at};

contract! {
    leases_end_with_their_holder_and_keep_their_fence,
}

/// A task that nobody has begun.
pub fn task(team: &Team, caller: &Caller) -> Task {
    let author = Party::of(caller.permit().actor());
    Task { author, ..made::task(team.next_id()) }
}

pub async fn add_task(caller: &Caller, task: &Task) {
    let task = task.clone();
    caller.write(move |tx, permit| tx.add_task(permit, &task)).await.expect("adds");
}

async fn read(caller: &Caller, id: TaskId) -> Task {
    let found = caller.read(move |tx, permit| tx.task(permit, id)).await.expect("reads");
    found.expect("a task")
}

async fn end_leases(caller: &Caller, holder: Party, millis: i64) -> u64 {
    let ended = caller.write(move |tx, permit| tx.end_leases(permit, &holder, at(millis)));
    ended.await.expect("ends")
}

async fn leases_end_with_their_holder_and_keep_their_fence(store: &Store) {
    let (ours, theirs) = (Team::new(store, "acme").await, Team::new(store, "other").await);
    let (ada, eve) = (ours.agent("ada").await, theirs.agent("eve").await);
    let agent = Party::of(ada.permit().actor()).expect("an agent");
    let owner = Party::Member { id: ours.owner, name: "Owner".to_owned() };
    let held = |holder: &Party, until| Task {
        status: TaskStatus::InProgress,
        lease: Some(Lease { holder: holder.clone(), until: at(until) }),
        fence: 4,
        ..task(&ours, &ada)
    };
    let (live, over, persons) = (held(&agent, 50), held(&agent, 20), held(&owner, 50));
    for task in [&live, &over, &persons] {
        add_task(&ada, task).await;
    }

    assert_eq!(end_leases(&eve, agent.clone(), 20).await, 0, "another team's");
    assert_eq!(end_leases(&ada, agent.clone(), 20).await, 1);
    assert_eq!(end_leases(&ada, agent.clone(), 20).await, 0);

    let ended = read(&ada, live.id).await;
    assert_eq!((ended.lease_at(at(20)), ended.fence, ended.version), (None, 4, 2));
    assert_eq!(ended.lease.map(|lease| lease.holder), Some(agent));
    assert_eq!(read(&ada, over.id).await, over);
    assert_eq!(read(&ada, persons.id).await, persons);
    assert_eq!(end_leases(&ada, owner, 20).await, 1);
}
