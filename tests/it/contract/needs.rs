//! How nodes and tasks stand to each other: order, lists, what waits for what.

use memoranda::core::id::{NodeId, TaskId};
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::Visibility;
use memoranda::memory::link::{Link, LinkType, Target};
use memoranda::store::Store;
use memoranda::store::tasks::{Need, TaskCount, TaskFilter, TaskPlace};
use memoranda::work::node::{Node, NodeKind, NodeStatus};
use memoranda::work::party::Party;
use memoranda::work::task::{Lease, Parent, Priority, Task, TaskStatus};
use memoranda::work::tree::Place;

use super::made;
use super::team::{ALL, Caller, Team, at, draft};

contract! {
    nodes_stand_in_the_order_that_they_are_given,
    nodes_and_tasks_come_in_the_order_of_their_ids,
    tasks_come_by_priority_then_due_date_then_age,
    a_list_goes_on_after_a_place,
    tasks_are_found_by_status_and_assignee,
    everything_below_a_node_or_task_is_found,
    a_task_is_ready_when_nothing_that_it_needs_is_open,
    a_task_is_ready_again_when_its_lease_has_run_out,
    tasks_are_counted_for_the_node_that_they_hang_below,
    what_a_task_needs_is_replaced_whole,
    what_comes_before_a_task_is_what_it_needs_and_what_is_below,
    the_order_of_another_teams_work_stays_its_own,
    a_memory_is_linked_to_a_node_and_to_a_task,
    a_link_to_another_teams_work_is_not_made,
    a_link_to_work_is_seen_by_those_who_see_the_memory,
    what_is_pursued_comes_last_changed_first,
}

async fn node(team: &Team, caller: &Caller, kind: NodeKind, parent: Option<NodeId>) -> NodeId {
    let node = Node { kind, parent, ..made::node(team.next_id()) };
    let id = node.id;
    caller.write(move |tx, permit| tx.add_node(permit, &node)).await.expect("adds");
    id
}

/// A task that is planned, and nothing else.
fn plain(team: &Team) -> Task {
    made::task(team.next_id())
}

async fn add(caller: &Caller, task: Task) -> TaskId {
    let id = task.id;
    caller.write(move |tx, permit| tx.add_task(permit, &task)).await.expect("adds");
    id
}

async fn needs(caller: &Caller, id: TaskId, needs: &[TaskId]) {
    let needs = needs.to_vec();
    caller.write(move |tx, permit| tx.set_needs(permit, id, &needs)).await.expect("writes");
}

async fn find(caller: &Caller, filter: TaskFilter, after: Option<TaskPlace>) -> Vec<TaskId> {
    let found = caller.read(move |tx, permit| tx.tasks(permit, &filter, after, ALL)).await;
    found.expect("reads").iter().map(|task| task.id).collect()
}

async fn ready(caller: &Caller, millis: i64) -> Vec<TaskId> {
    find(caller, TaskFilter { ready_at: Some(at(millis)), ..TaskFilter::default() }, None).await
}

async fn nodes_stand_in_the_order_that_they_are_given(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let top = node(&team, &ada, NodeKind::Vision, None).await;
    let one = node(&team, &ada, NodeKind::Epic, Some(top)).await;
    let two = node(&team, &ada, NodeKind::Epic, Some(top)).await;

    let order = [two, one];
    ada.write(move |tx, permit| tx.order_nodes(permit, &order)).await.expect("writes");

    let (below, topmost, places, read) = ada
        .read(move |tx, permit| {
            let below = tx.nodes_below(permit, Some(top))?;
            let topmost = tx.nodes_below(permit, None)?;
            Ok((below, topmost, tx.node_places(permit)?, tx.nodes_of(permit, &[one, two])?))
        })
        .await
        .expect("reads");
    assert_eq!((below, topmost), (vec![two, one], vec![top]));
    let places: Vec<Place> = places.into_iter().filter(|place| place.parent.is_some()).collect();
    assert_eq!(places, [two, one].map(|id| Place { id, parent: Some(top) }));
    let positions: Vec<(i64, i64)> =
        read.iter().map(|node| (node.position, node.version)).collect();
    assert_eq!(positions, [(1, 1), (0, 1)]);
}

async fn nodes_and_tasks_come_in_the_order_of_their_ids(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let nodes = [
        node(&team, &ada, NodeKind::Epic, None).await,
        node(&team, &ada, NodeKind::Epic, None).await,
    ];
    let tasks = [add(&ada, plain(&team)).await, add(&ada, plain(&team)).await];
    let (no_node, no_task) = (team.next_id(), team.next_id());

    let (found_nodes, found_tasks) = ada
        .read(move |tx, permit| {
            let nodes = tx.nodes_of(permit, &[nodes[1], no_node, nodes[0]])?;
            Ok((nodes, tx.tasks_of(permit, &[tasks[1], no_task, tasks[0]])?))
        })
        .await
        .expect("reads");

    let found_nodes: Vec<NodeId> = found_nodes.iter().map(|node| node.id).collect();
    let found_tasks: Vec<TaskId> = found_tasks.iter().map(|task| task.id).collect();
    assert_eq!((found_nodes, found_tasks), (vec![nodes[1], nodes[0]], vec![tasks[1], tasks[0]]));
}

/// Four tasks in the order in which lists give them.
async fn in_order(team: &Team, caller: &Caller) -> Vec<Task> {
    let late = add_as(caller, Task { due_at: Some(at(9)), ..plain(team) }).await;
    let none = add_as(caller, plain(team)).await;
    let none_younger = add_as(caller, plain(team)).await;
    let urgent = add_as(caller, Task { priority: Priority::Urgent, ..plain(team) }).await;
    let early = add_as(caller, Task { due_at: Some(at(-9_000_000_000_000)), ..plain(team) }).await;
    vec![urgent, early, late, none, none_younger]
}

async fn add_as(caller: &Caller, task: Task) -> Task {
    add(caller, task.clone()).await;
    task
}

async fn tasks_come_by_priority_then_due_date_then_age(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let order = in_order(&team, &ada).await;

    let found = find(&ada, TaskFilter::default(), None).await;

    assert_eq!(found, order.iter().map(|task| task.id).collect::<Vec<_>>());
    let due = TaskFilter { due_before: Some(at(9)), ..TaskFilter::default() };
    assert_eq!(find(&ada, due, None).await, [order[1].id, order[2].id]);
}

async fn a_list_goes_on_after_a_place(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let order = in_order(&team, &ada).await;

    for (at, task) in order.iter().enumerate() {
        let rest = find(&ada, TaskFilter::default(), Some(TaskPlace::of(task))).await;

        assert_eq!(rest, order[at + 1..].iter().map(|task| task.id).collect::<Vec<_>>(), "{at}");
    }
}

async fn tasks_are_found_by_status_and_assignee(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let me = Party::of(ada.permit().actor());
    let owner = Party::Member { id: team.owner, name: String::new() };
    let mine = Task { assignee: me.clone(), status: TaskStatus::Done, ..plain(&team) };
    let theirs = Task { assignee: Some(owner.clone()), ..plain(&team) };
    let mine = add(&ada, mine).await;
    let theirs = add(&ada, theirs).await;
    let nobodys = add(&ada, plain(&team)).await;

    let of = |assignee| TaskFilter { assignee, ..TaskFilter::default() };
    let unassigned = TaskFilter { is_unassigned: true, ..TaskFilter::default() };
    let done = TaskFilter { statuses: vec![TaskStatus::Done], ..TaskFilter::default() };
    assert_eq!(find(&ada, of(me), None).await, [mine]);
    assert_eq!(find(&ada, of(Some(owner)), None).await, [theirs]);
    assert_eq!(find(&ada, unassigned, None).await, [nobodys]);
    assert_eq!(find(&ada, done, None).await, [mine]);
}

async fn everything_below_a_node_or_task_is_found(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let top = node(&team, &ada, NodeKind::Vision, None).await;
    let epic = node(&team, &ada, NodeKind::Epic, Some(top)).await;
    let under = |parent| Task { parent: Some(parent), ..plain(&team) };
    let task = add(&ada, under(Parent::Node(epic))).await;
    let sub = add(&ada, under(Parent::Task(task))).await;
    let deeper = add(&ada, under(Parent::Task(sub))).await;
    let loose = add(&ada, plain(&team)).await;

    let below = |below| TaskFilter { below: Some(below), ..TaskFilter::default() };
    let alone = TaskFilter { is_loose: true, ..TaskFilter::default() };
    assert_eq!(find(&ada, below(Parent::Node(top)), None).await, [task, sub, deeper]);
    assert_eq!(find(&ada, below(Parent::Task(task)), None).await, [sub, deeper]);
    assert_eq!(find(&ada, alone, None).await, [loose]);
    let (direct, count, topmost) = ada
        .read(move |tx, permit| {
            let direct = tx.tasks_below(permit, Parent::Node(epic), ALL)?;
            let count = tx.count_tasks_below(permit, Some(Parent::Task(task)))?;
            Ok((direct, count, tx.count_tasks_below(permit, None)?))
        })
        .await
        .expect("reads");
    assert_eq!(direct.iter().map(|task| task.id).collect::<Vec<_>>(), [task]);
    assert_eq!((count, topmost), (1, 1));
}

async fn a_task_is_ready_when_nothing_that_it_needs_is_open(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let first = add_as(&ada, plain(&team)).await;
    let second = add(&ada, plain(&team)).await;
    add(&ada, Task { status: TaskStatus::Blocked, ..plain(&team) }).await;
    needs(&ada, second, &[first.id]).await;

    assert_eq!(ready(&ada, 5).await, [first.id]);
    for (status, version) in [(TaskStatus::Done, 2), (TaskStatus::Cancelled, 3)] {
        let next = Task { status, version, ..first.clone() };
        ada.write(move |tx, permit| tx.update_task(permit, &next)).await.expect("writes");

        assert_eq!(ready(&ada, 5).await, [second], "{status:?}");
    }
}

async fn a_task_is_ready_again_when_its_lease_has_run_out(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let lease = Party::of(ada.permit().actor()).map(|holder| Lease { holder, until: at(50) });
    let task = Task { status: TaskStatus::InProgress, lease, fence: 1, ..plain(&team) };
    let task = add(&ada, task).await;

    assert_eq!(ready(&ada, 49).await, []);
    assert_eq!(ready(&ada, 50).await, [task]);
}

async fn tasks_are_counted_for_the_node_that_they_hang_below(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let top = node(&team, &ada, NodeKind::Vision, None).await;
    let epic = node(&team, &ada, NodeKind::Epic, Some(top)).await;
    let under = |parent| Task { parent: Some(parent), ..plain(&team) };
    let task = add(&ada, under(Parent::Node(epic))).await;
    add(&ada, under(Parent::Task(task))).await;
    add(&ada, Task { status: TaskStatus::Done, ..under(Parent::Node(top)) }).await;
    let loose = add(&ada, plain(&team)).await;
    add(&ada, under(Parent::Task(loose))).await;

    let mut counts: Vec<TaskCount> =
        ada.read(|tx, permit| tx.task_counts(permit)).await.expect("reads");

    counts.sort_by_key(|(node, ..)| *node);
    let planned = TaskStatus::Planned;
    let expected = [(None, planned, 2), (Some(top), TaskStatus::Done, 1), (Some(epic), planned, 2)];
    assert_eq!(counts, expected);
}

async fn what_a_task_needs_is_replaced_whole(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let [one, two, three] = [
        add(&ada, plain(&team)).await,
        add(&ada, plain(&team)).await,
        add(&ada, plain(&team)).await,
    ];
    let all = |id| ada.read(move |tx, permit| tx.needs_of(permit, &[id]));

    needs(&ada, three, &[one, two, two]).await;
    needs(&ada, two, &[one]).await;
    let both = [Need { task: three, needs: one }, Need { task: three, needs: two }];
    assert_eq!(all(three).await.expect("reads"), both);
    needs(&ada, three, &[two]).await;

    let expected = [Need { task: two, needs: one }, Need { task: three, needs: two }];
    assert_eq!(all(two).await.expect("reads"), expected);
    needs(&ada, two, &[]).await;
    assert_eq!(all(one).await.expect("reads"), []);
}

async fn what_comes_before_a_task_is_what_it_needs_and_what_is_below(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let task = add(&ada, plain(&team)).await;
    let needed = add(&ada, plain(&team)).await;
    let below = add(&ada, Task { parent: Some(Parent::Task(task)), ..plain(&team) }).await;
    needs(&ada, task, &[needed, below]).await;

    let before = ada.read(move |tx, permit| tx.tasks_before(permit, &[task, task])).await;

    assert_eq!(before.expect("reads"), [needed, below]);
}

async fn the_order_of_another_teams_work_stays_its_own(store: &Store) {
    let (ours, theirs) = (Team::new(store, "acme").await, Team::new(store, "other").await);
    let ada = ours.agent("ada").await;
    let eve = theirs.agent("eve").await;
    let nodes = [
        node(&ours, &ada, NodeKind::Epic, None).await,
        node(&ours, &ada, NodeKind::Epic, None).await,
    ];
    let tasks = [add(&ada, plain(&ours)).await, add(&ada, plain(&ours)).await];
    needs(&ada, tasks[1], &[tasks[0]]).await;
    let order = nodes;
    ada.write(move |tx, permit| tx.order_nodes(permit, &order)).await.expect("writes");

    let seen = eve
        .write(move |tx, permit| {
            tx.order_nodes(permit, &[nodes[1], nodes[0]])?;
            let empty = tx.node_places(permit)?.is_empty()
                && tx.nodes_of(permit, &nodes)?.is_empty()
                && tx.tasks_of(permit, &tasks)?.is_empty()
                && tx.tasks(permit, &TaskFilter::default(), None, ALL)?.is_empty()
                && tx.task_counts(permit)?.is_empty()
                && tx.tasks_before(permit, &tasks)?.is_empty()
                && tx.needs_of(permit, &tasks)?.is_empty();
            tx.set_needs(permit, tasks[1], &[])?;
            Ok(empty)
        })
        .await;

    assert!(seen.expect("writes"));
    let (below, kept) = ada
        .read(move |tx, permit| Ok((tx.nodes_below(permit, None)?, tx.needs_of(permit, &tasks)?)))
        .await
        .expect("reads");
    assert_eq!(below, nodes);
    assert_eq!(kept, [Need { task: tasks[1], needs: tasks[0] }]);
}

async fn link(caller: &Caller, link: Link) -> bool {
    caller.write(move |tx, permit| tx.add_link(permit, &link, at(1))).await.expect("writes")
}

async fn linked_to(caller: &Caller, work: &[Target]) -> Vec<Link> {
    let work = work.to_vec();
    let linked = caller.read(move |tx, permit| tx.links_to(permit, &work, ALL)).await;
    linked.expect("reads").into_iter().map(|linked| linked.link).collect()
}

async fn a_memory_is_linked_to_a_node_and_to_a_task(store: &Store) {
    let team = Team::new(store, "acme").await;
    let ada = team.agent("ada").await;
    let node = Target::Node(node(&team, &ada, NodeKind::Epic, None).await);
    let task = Target::Task(add(&ada, plain(&team)).await);
    let from = ada.remember(draft("apple")).await.id;
    let to_node = Link { from, link_type: LinkType::Supports, to: node };
    let to_task = Link { from, link_type: LinkType::Contradicts, to: task };

    assert!(link(&ada, to_node).await && link(&ada, to_task).await);
    assert!(!link(&ada, to_node).await);

    assert_eq!(linked_to(&ada, &[node]).await, [to_node]);
    assert_eq!(linked_to(&ada, &[task, node]).await, [to_node, to_task]);
    let mut of_memory = ada.read(move |tx, permit| tx.links_of(permit, &[from], ALL)).await;
    let of_memory = of_memory.as_mut().expect("reads").iter().map(|linked| linked.link);
    assert_eq!(of_memory.collect::<Vec<_>>(), [to_task, to_node]);
    let removed = ada.write(move |tx, permit| tx.remove_link(permit, &to_node)).await;
    assert!(removed.expect("writes"));
    assert_eq!(linked_to(&ada, &[node, task]).await, [to_task]);
}

async fn a_link_to_another_teams_work_is_not_made(store: &Store) {
    let (ours, theirs) = (Team::new(store, "acme").await, Team::new(store, "other").await);
    let (ada, eve) = (ours.agent("ada").await, theirs.agent("eve").await);
    let node = Target::Node(node(&theirs, &eve, NodeKind::Epic, None).await);
    let task = Target::Task(add(&eve, plain(&theirs)).await);
    let from = ada.remember(draft("apple")).await.id;

    for to in [node, task, Target::Node(ours.next_id()), Target::Task(ours.next_id())] {
        assert!(!link(&ada, Link { from, link_type: LinkType::Supports, to }).await);
    }

    assert_eq!(linked_to(&ada, &[node, task]).await, []);
    assert_eq!(linked_to(&eve, &[node, task]).await, []);
}

async fn a_link_to_work_is_seen_by_those_who_see_the_memory(store: &Store) {
    let team = Team::new(store, "acme").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);
    let to = Target::Node(node(&team, &ada, NodeKind::Epic, None).await);
    let own = Draft { visibility: Some(Visibility::Agent), ..draft("apple") };
    let from = ada.remember(own).await.id;
    let own = Link { from, link_type: LinkType::Contradicts, to };

    assert!(!link(&bo, own).await);
    assert!(link(&ada, own).await);

    assert_eq!(linked_to(&ada, &[to]).await, [own]);
    assert_eq!(linked_to(&bo, &[to]).await, []);
}

async fn what_is_pursued_comes_last_changed_first(store: &Store) {
    let (team, other) = (Team::new(store, "acme").await, Team::new(store, "other").await);
    let (ada, eve) = (team.agent("ada").await, other.agent("eve").await);
    let first = node(&team, &ada, NodeKind::Epic, None).await;
    let second = node(&team, &ada, NodeKind::Epic, None).await;
    let dropped = node(&team, &ada, NodeKind::Epic, None).await;
    for (id, status, millis) in [(first, NodeStatus::Active, 9), (dropped, NodeStatus::Dropped, 9)]
    {
        let changed = ada.write(move |tx, permit| {
            let node = tx.node(permit, id)?.expect("a node");
            let next = Node { status, version: 2, updated_at: at(millis), ..node };
            tx.update_node(permit, &next)
        });
        assert!(changed.await.expect("writes"));
    }

    assert_eq!(active(&ada, ALL).await, [first, second]);
    assert_eq!(active(&ada, 1).await, [first]);
    assert_eq!(active(&eve, ALL).await, []);
}

async fn active(caller: &Caller, limit: usize) -> Vec<NodeId> {
    let found = caller.read(move |tx, permit| tx.active_nodes(permit, limit)).await;
    found.expect("reads").iter().map(|node| node.id).collect()
}
