//! What the store keeps of strategy and tasks.

use memoranda::core::id::{NodeId, TaskId};
use memoranda::store::Store;
use memoranda::work::node::{Node, NodeKind, NodeStatus};
use memoranda::work::party::Party;
use memoranda::work::task::{Criterion, Lease, Parent, Priority, Task, TaskStatus};

use super::team::{Caller, Team, at};

contract! {
    a_node_comes_back_as_it_was_added,
    a_node_is_changed_from_its_newest_version_alone,
    a_task_comes_back_as_it_was_added,
    a_task_is_changed_from_its_newest_version_alone,
    a_fence_never_falls,
    the_work_of_another_team_stays_its_own,
}

/// A node with nothing left out.
fn node(team: &Team, caller: &Caller) -> Node {
    Node {
        id: team.next_id(),
        kind: NodeKind::Objective,
        parent: None,
        position: 3,
        statement: "Halve the time to first answer".to_owned(),
        description: Some("For new teams.".to_owned()),
        status: NodeStatus::Active,
        owner: Some(Party::Member { id: team.owner, name: "Owner".to_owned() }),
        author: Party::of(caller.permit().actor()),
        version: 1,
        created_at: at(1),
        updated_at: at(1),
    }
}

/// A task with nothing left out.
fn task(team: &Team, caller: &Caller) -> Task {
    let me = Party::of(caller.permit().actor());
    Task {
        id: team.next_id(),
        parent: None,
        position: 0,
        statement: "Measure it".to_owned(),
        description: Some("On a fresh machine.".to_owned()),
        criteria: vec![Criterion { text: "ten runs".to_owned(), is_met: true }],
        status: TaskStatus::InProgress,
        status_at: at(2),
        reason: Some("no machine".to_owned()),
        priority: Priority::Urgent,
        due_at: Some(at(1_000)),
        assignee: me.clone(),
        worker: me.clone(),
        author: Some(Party::Member { id: team.owner, name: "Owner".to_owned() }),
        lease: me.map(|holder| Lease { holder, until: at(50) }),
        fence: 7,
        version: 1,
        created_at: at(1),
        updated_at: at(2),
    }
}

async fn add_node(caller: &Caller, node: &Node) {
    let node = node.clone();
    caller.write(move |tx, permit| tx.add_node(permit, &node)).await.expect("adds");
}

async fn add_task(caller: &Caller, task: &Task) {
    let task = task.clone();
    caller.write(move |tx, permit| tx.add_task(permit, &task)).await.expect("adds");
}

async fn read_node(caller: &Caller, id: NodeId) -> Option<Node> {
    caller.read(move |tx, permit| tx.node(permit, id)).await.expect("reads")
}

async fn read_task(caller: &Caller, id: TaskId) -> Option<Task> {
    caller.read(move |tx, permit| tx.task(permit, id)).await.expect("reads")
}

async fn update_task(caller: &Caller, task: &Task) -> bool {
    let task = task.clone();
    caller.write(move |tx, permit| tx.update_task(permit, &task)).await.expect("writes")
}

async fn a_node_comes_back_as_it_was_added(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let above = node(&team, &ada);
    let below = Node {
        id: team.next_id(),
        kind: NodeKind::Epic,
        parent: Some(above.id),
        description: None,
        owner: None,
        ..above.clone()
    };

    add_node(&ada, &above).await;
    add_node(&ada, &below).await;

    assert_eq!(read_node(&ada, above.id).await, Some(above));
    assert_eq!(read_node(&ada, below.id).await, Some(below));
    assert_eq!(read_node(&ada, team.next_id()).await, None);
}

async fn a_node_is_changed_from_its_newest_version_alone(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let first = node(&team, &ada);
    add_node(&ada, &first).await;
    let second = Node {
        statement: "Halve it again".to_owned(),
        status: NodeStatus::Achieved,
        owner: None,
        version: 2,
        updated_at: at(5),
        ..first.clone()
    };

    let mut done = Vec::new();
    for _ in 0..2 {
        let second = second.clone();
        done.push(
            ada.write(move |tx, permit| tx.update_node(permit, &second)).await.expect("writes"),
        );
    }

    assert_eq!(done, [true, false]);
    assert_eq!(read_node(&ada, first.id).await, Some(second));
}

async fn a_task_comes_back_as_it_was_added(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let above = node(&team, &ada);
    add_node(&ada, &above).await;
    let whole = Task { parent: Some(Parent::Node(above.id)), ..task(&team, &ada) };
    let bare = Task {
        id: team.next_id(),
        parent: Some(Parent::Task(whole.id)),
        description: None,
        criteria: Vec::new(),
        reason: None,
        due_at: None,
        assignee: None,
        worker: None,
        lease: None,
        fence: 0,
        ..whole.clone()
    };

    add_task(&ada, &whole).await;
    add_task(&ada, &bare).await;

    assert_eq!(read_task(&ada, whole.id).await, Some(whole));
    assert_eq!(read_task(&ada, bare.id).await, Some(bare));
    assert_eq!(read_task(&ada, team.next_id()).await, None);
}

async fn a_task_is_changed_from_its_newest_version_alone(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let first = task(&team, &ada);
    add_task(&ada, &first).await;
    let second = Task { status: TaskStatus::Done, lease: None, version: 2, ..first.clone() };

    let done = [update_task(&ada, &second).await, update_task(&ada, &second).await];

    assert_eq!(done, [true, false]);
    assert_eq!(read_task(&ada, first.id).await, Some(second));
}

async fn a_fence_never_falls(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let first = task(&team, &ada);
    add_task(&ada, &first).await;

    let done = update_task(&ada, &Task { fence: 6, version: 2, ..first.clone() }).await;

    assert!(!done);
    assert_eq!(read_task(&ada, first.id).await, Some(first));
}

async fn the_work_of_another_team_stays_its_own(store: &Store) {
    let (ours, theirs) = (Team::new(store, "acme").await, Team::new(store, "other").await);
    let ada = ours.agent("ada").await;
    let eve = theirs.agent("eve").await;
    let (node, task) = (node(&ours, &ada), task(&ours, &ada));
    add_node(&ada, &node).await;
    add_task(&ada, &task).await;

    let (next_node, next_task) =
        (Node { version: 2, ..node.clone() }, Task { version: 2, ..task.clone() });
    let changed = eve
        .write(move |tx, permit| {
            Ok((tx.update_node(permit, &next_node)?, tx.update_task(permit, &next_task)?))
        })
        .await;

    assert_eq!(changed.expect("writes"), (false, false));
    assert_eq!((read_node(&eve, node.id).await, read_task(&eve, task.id).await), (None, None));
    assert_eq!(read_node(&ada, node.id).await, Some(node));
}
