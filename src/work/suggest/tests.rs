use super::*;
use crate::core::id::Ids;
use crate::identity::actor::AgentRef;
use crate::work::task::Lease;

const HOUR: i64 = 60 * 60 * 1000;

fn now() -> Timestamp {
    Timestamp::from_millis(1_000_000_000_000)
}

struct Desk {
    ids: Ids,
    me: Party,
    other: Party,
}

impl Desk {
    fn new() -> Self {
        let ids = Ids::default();
        let agent = |slug: &str| {
            Party::Agent(AgentRef {
                id: ids.next(Timestamp::from_millis(1)),
                slug: slug.to_owned(),
            })
        };
        Self { me: agent("scout"), other: agent("ada"), ids }
    }

    /// A planned task that nobody has; the later it is made, the younger.
    fn task(&self, statement: &str) -> Task {
        let at = Timestamp::from_millis(now().as_millis() - HOUR);
        Task {
            id: self.ids.next(at),
            parent: None,
            position: 0,
            statement: statement.to_owned(),
            description: None,
            criteria: Vec::new(),
            status: TaskStatus::Planned,
            status_at: at,
            reason: None,
            priority: Priority::Normal,
            due_at: None,
            assignee: None,
            worker: None,
            author: None,
            lease: None,
            fence: 0,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    fn begun(&self, statement: &str, holder: &Party, until: i64) -> Task {
        let until = Timestamp::from_millis(now().as_millis() + until);
        let lease = Some(Lease { holder: holder.clone(), until });
        Task { status: TaskStatus::InProgress, lease, ..self.task(statement) }
    }

    fn suggest(&self, candidates: Vec<Candidate>) -> Option<(String, Vec<String>)> {
        let suggestion = suggest(candidates, &self.me, now())?;
        Some((suggestion.task.statement, suggestion.why))
    }
}

fn plain(task: Task) -> Candidate {
    Candidate { task, needed_by: 0, is_familiar: false }
}

fn due(hours: i64) -> Timestamp {
    Timestamp::from_millis(now().as_millis() + hours * HOUR)
}

#[test]
fn each_reason_outweighs_all_that_come_after_it() {
    let desk = Desk::new();
    let mine = Some(desk.me.clone());
    // From the weightiest down; each is younger and so the last in every other order.
    let ranked = [
        plain(desk.begun("begun", &desk.me, HOUR)),
        plain(Task { assignee: mine.clone(), ..desk.task("assigned") }),
        plain(Task { due_at: Some(due(-1)), ..desk.task("overdue") }),
        plain(Task { priority: Priority::Urgent, ..desk.task("urgent") }),
        plain(Task { priority: Priority::High, ..desk.task("high") }),
        plain(Task { due_at: Some(due(47)), ..desk.task("soon") }),
        Candidate { needed_by: 2, ..plain(desk.task("needed by two")) },
        Candidate { needed_by: 1, ..plain(desk.task("needed")) },
        Candidate { is_familiar: true, ..plain(desk.task("familiar")) },
        plain(Task { due_at: Some(due(100)), ..desk.task("due some day") }),
        plain(desk.task("older")),
        plain(desk.task("younger")),
        plain(Task { priority: Priority::Low, due_at: None, ..desk.task("low") }),
    ];

    for from in 0..ranked.len() {
        let mut left = ranked[from..].to_vec();
        left.reverse();

        let (statement, _) = desk.suggest(left).expect("one");

        assert_eq!(statement, ranked[from].task.statement);
    }
}

#[test]
fn what_spoke_for_it_is_said_in_words() {
    let desk = Desk::new();
    let full = Task {
        assignee: Some(desk.me.clone()),
        priority: Priority::Urgent,
        due_at: Some(due(-2)),
        ..desk.task("all")
    };

    let (_, why) = desk
        .suggest(vec![Candidate { task: full, needed_by: 3, is_familiar: true }])
        .expect("a task");
    let (_, plain_why) = desk.suggest(vec![plain(desk.task("plain"))]).expect("a task");
    let begun = desk.begun("begun", &desk.me, HOUR);
    let (_, begun_why) = desk.suggest(vec![plain(begun)]).expect("a task");

    assert_eq!(
        why,
        [
            "it is assigned to you",
            "nothing that it needs is open",
            "it is overdue",
            "its priority is URGENT",
            "3 tasks wait for it",
            "you have worked on what stands beside it",
        ]
    );
    assert_eq!(plain_why, ["nobody has it", "nothing that it needs is open"]);
    assert_eq!(begun_why, ["you have begun it"]);
}

#[test]
fn what_somebody_else_has_is_never_suggested() {
    let desk = Desk::new();
    let others = Task { assignee: Some(desk.other.clone()), ..desk.task("theirs") };
    let held = desk.begun("held", &desk.other, HOUR);

    assert_eq!(desk.suggest(vec![plain(others), plain(held)]), None);
    let lapsed = desk.begun("lapsed", &desk.other, 0);
    assert_eq!(desk.suggest(vec![plain(lapsed)]).expect("free").0, "lapsed");
}

#[test]
fn what_cannot_be_begun_is_never_suggested() {
    let desk = Desk::new();

    for status in
        [TaskStatus::InReview, TaskStatus::Done, TaskStatus::Blocked, TaskStatus::Cancelled]
    {
        let task = Task { status, assignee: Some(desk.me.clone()), ..desk.task("not now") };
        assert_eq!(desk.suggest(vec![plain(task)]), None, "{status:?}");
    }
    assert_eq!(desk.suggest(Vec::new()), None);
}
