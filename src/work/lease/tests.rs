//! Every status, holder, lease and fence against every step.

use super::*;
use crate::core::id::Ids;
use crate::identity::actor::AgentRef;
use crate::work::task::{Criterion, Priority};

const STATUSES: [TaskStatus; 6] = [
    TaskStatus::Planned,
    TaskStatus::InProgress,
    TaskStatus::InReview,
    TaskStatus::Done,
    TaskStatus::Blocked,
    TaskStatus::Cancelled,
];

const NOW: i64 = 1_000_000_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// Two agents and a person.
fn parties() -> [Party; 3] {
    let ids = Ids::default();
    let agent = |slug: &str| Party::Agent(AgentRef { id: ids.next(at(1)), slug: slug.to_owned() });
    [agent("ada"), agent("bo"), Party::Member { id: ids.next(at(1)), name: String::new() }]
}

fn task(status: TaskStatus, lease: Option<Lease>) -> Task {
    let criterion = |text: &str| Criterion { text: text.to_owned(), is_met: false };
    Task {
        id: Ids::default().next(at(1)),
        parent: None,
        position: 0,
        statement: "Measure it".to_owned(),
        description: None,
        criteria: vec![criterion("ten runs"), criterion("a table")],
        status,
        status_at: at(5),
        reason: Some("before".to_owned()),
        priority: Priority::Normal,
        due_at: None,
        assignee: None,
        worker: None,
        author: None,
        lease,
        fence: 7,
        version: 3,
        created_at: at(1),
        updated_at: at(5),
    }
}

fn step(by: &Party, fence: Option<i64>) -> Step<'_> {
    Step { by, at: at(NOW), fence }
}

const START: Start<'_> = Start { open_needs: &[], takes_over: false };

/// What lease a task may have, to one of two: none, a live one, one that ends now, an older one.
fn leases(one: &Party, other: &Party) -> Vec<Option<Lease>> {
    let mut leases = vec![None];
    for holder in [one, other] {
        for until in [NOW - 1, NOW, NOW + 1, NOW + 2 * LEASE_MS] {
            leases.push(Some(Lease { holder: holder.clone(), until: at(until) }));
        }
    }
    leases
}

#[test]
fn a_task_is_begun_by_one_at_a_time() {
    let [me, other, _] = parties();
    for status in STATUSES {
        for lease in leases(&me, &other) {
            let before = task(status, lease.clone());

            let begun = begin(&before, step(&me, None), START);

            let is_open = [TaskStatus::Planned, TaskStatus::InProgress, TaskStatus::Blocked]
                .contains(&status);
            let held = lease.filter(|lease| lease.holder == other && lease.until > at(NOW));
            match (is_open, held) {
                (false, _) => assert_eq!(begun, Err(Refusal::Status(status))),
                (true, Some(held)) => assert_eq!(begun, Err(Refusal::Held(held))),
                (true, None) => {
                    let begun = begun.expect("it is free");
                    let until = at(NOW + LEASE_MS);
                    assert_eq!(begun.lease, Some(Lease { holder: me.clone(), until }));
                    assert_eq!((begun.fence, begun.version), (8, 4));
                    assert_eq!((begun.status, begun.reason), (TaskStatus::InProgress, None));
                    assert_eq!(begun.assignee, Some(me.clone()));
                }
            }
        }
    }
}

#[test]
fn a_task_that_needs_others_is_not_begun() {
    let [me, ..] = parties();
    let needs = [Ids::default().next(at(1))];
    let start = Start { open_needs: &needs, takes_over: true };

    let begun = begin(&task(TaskStatus::Planned, None), step(&me, None), start);

    assert_eq!(begun, Err(Refusal::Needs(needs.to_vec())));
}

#[test]
fn a_wish_holds_back_others_until_it_was_followed_or_they_take_over() {
    let [me, other, _] = parties();
    let takes_over = Start { takes_over: true, ..START };
    for (status, assignee, start, is_begun) in [
        (TaskStatus::Planned, Some(&other), START, false),
        (TaskStatus::Planned, Some(&other), takes_over, true),
        (TaskStatus::Planned, Some(&me), START, true),
        (TaskStatus::Planned, None, START, true),
        (TaskStatus::InProgress, Some(&other), START, true),
        (TaskStatus::Blocked, Some(&other), START, true),
    ] {
        let before = Task { assignee: assignee.cloned(), ..task(status, None) };

        let begun = begin(&before, step(&me, None), start);

        match begun {
            Ok(begun) => assert!(is_begun && begun.assignee.as_ref() == Some(&me), "{status:?}"),
            Err(refusal) => {
                assert_eq!((is_begun, refusal), (false, Refusal::Assigned(other.clone())));
            }
        }
    }
}

#[test]
fn to_take_over_a_wish_is_not_to_take_a_lease() {
    let [me, other, _] = parties();
    let held = Lease { holder: other.clone(), until: at(NOW + 1) };
    let before = Task { assignee: Some(other), ..task(TaskStatus::Planned, Some(held.clone())) };

    let begun = begin(&before, step(&me, None), Start { takes_over: true, ..START });

    assert_eq!(begun, Err(Refusal::Held(held)));
}

/// The steps that are taken under a lease.
type Under = fn(&Task, Step<'_>) -> Result<Task, Refusal>;
const UNDER_A_LEASE: [Under; 4] = [
    |task, step| checkpoint(task, step, &[]),
    |task, step| complete(task, step, &[], false),
    |task, step| block(task, step, "no machine"),
    |task, step| release(task, step, None),
];

#[test]
fn a_write_under_a_lease_is_its_holders_and_under_the_newest_fence() {
    let [me, other, _] = parties();
    for status in STATUSES {
        for lease in leases(&me, &other) {
            for fence in [None, Some(6), Some(7), Some(8)] {
                for under in UNDER_A_LEASE {
                    let before = task(status, lease.clone());

                    let done = under(&before, step(&me, fence));

                    let is_mine = lease.as_ref().is_some_and(|lease| lease.holder == me);
                    let is_live = before.lease_at(at(NOW)).is_some();
                    let may = status == TaskStatus::InProgress
                        && is_mine
                        && (fence == Some(7) || (fence.is_none() && is_live));
                    match done {
                        Ok(next) => {
                            assert!(may, "{status:?} {lease:?} {fence:?}");
                            assert_eq!((next.fence, next.version), (7, 4));
                        }
                        Err(refusal) => {
                            assert!(!may, "{status:?} {lease:?} {fence:?} {refusal:?}");
                            let is_lost = matches!(refusal, Refusal::Lost(_));
                            assert!(is_lost || refusal == Refusal::Status(status));
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_lost_lease_says_who_holds_it_now() {
    let [me, other, _] = parties();
    let held = Lease { holder: other, until: at(NOW + 1) };
    let before = task(TaskStatus::InProgress, Some(held.clone()));

    for fence in [None, Some(6)] {
        assert_eq!(
            checkpoint(&before, step(&me, fence), &[]),
            Err(Refusal::Lost(Some(held.clone())))
        );
    }
}

/// A task that somebody works on.
fn begun(by: &Party) -> Task {
    let lease = Lease { holder: by.clone(), until: at(NOW + 1) };
    task(TaskStatus::InProgress, Some(lease))
}

#[test]
fn a_checkpoint_renews_and_marks_what_is_met() {
    let [me, ..] = parties();
    let mut before = begun(&me);

    let next = checkpoint(&before, step(&me, Some(7)), &[2]).expect("held");

    assert_eq!(next.lease.as_ref().map(|lease| lease.until), Some(at(NOW + LEASE_MS)));
    assert_eq!(next.criteria.iter().map(|one| one.is_met).collect::<Vec<_>>(), [false, true]);
    assert_eq!((next.status, next.status_at), (TaskStatus::InProgress, at(5)));
    before.lease = Some(Lease { holder: me.clone(), until: at(NOW + 2 * LEASE_MS) });
    let later = checkpoint(&before, step(&me, None), &[]).expect("held");
    assert_eq!(later.lease, before.lease, "a clock that lags takes nothing away");
    for number in [-1, 0, 3, i64::MAX, i64::MIN] {
        let refused = checkpoint(&before, step(&me, None), &[number]);
        assert_eq!(refused, Err(Refusal::NoCriterion), "{number}");
    }
}

#[test]
fn work_is_done_without_a_review_only_by_policy_and_with_every_criterion_met() {
    let [me, ..] = parties();
    for (met, allows, status) in [
        (&[1, 2][..], false, TaskStatus::InReview),
        (&[1][..], true, TaskStatus::InReview),
        (&[2, 1, 1][..], true, TaskStatus::Done),
    ] {
        let next = complete(&begun(&me), step(&me, None), met, allows).expect("held");

        assert_eq!((next.status, next.status_at), (status, at(NOW)));
        assert_eq!((next.worker.as_ref(), next.lease, next.reason), (Some(&me), None, None));
    }
}

#[test]
fn blocked_work_says_why_and_is_free() {
    let [me, other, _] = parties();

    let blocked = block(&begun(&me), step(&me, None), "no machine").expect("held");

    assert_eq!((blocked.status, blocked.lease.as_ref()), (TaskStatus::Blocked, None));
    assert_eq!(blocked.reason.as_deref(), Some("no machine"));
    assert!(begin(&blocked, step(&other, None), START).is_ok());
}

#[test]
fn released_work_is_anybodys_or_whom_it_was_left_for() {
    let [me, other, person] = parties();

    let free = release(&begun(&me), step(&me, None), None).expect("held");
    let left = release(&begun(&me), step(&me, None), Some(person.clone())).expect("held");

    assert_eq!((free.status, &free.assignee, &free.lease), (TaskStatus::Planned, &None, &None));
    assert!(begin(&free, step(&other, None), START).is_ok());
    assert_eq!(begin(&left, step(&other, None), START), Err(Refusal::Assigned(person)));
}

#[test]
fn nobody_reviews_their_own_work_and_nothing_but_finished_work_is_reviewed() {
    let [me, other, person] = parties();
    for status in STATUSES {
        let before = Task { worker: Some(me.clone()), ..task(status, None) };
        for by in [&me, &other, &person] {
            let approved = approve(&before, step(by, None), &[1, 2]);
            let sent_back = send_back(&before, step(by, None), "no table", &[]);

            match (status, by == &me) {
                (TaskStatus::InReview, true) => {
                    assert_eq!(approved, Err(Refusal::Own));
                    assert_eq!(sent_back, Err(Refusal::Own));
                }
                (TaskStatus::InReview, false) => {
                    assert_eq!(approved.expect("may").status, TaskStatus::Done);
                    assert_eq!(sent_back.expect("may").status, TaskStatus::Planned);
                }
                _ => {
                    assert_eq!(approved, Err(Refusal::Status(status)));
                    assert_eq!(sent_back, Err(Refusal::Status(status)));
                }
            }
        }
    }
}

#[test]
fn work_is_approved_only_with_every_criterion_met() {
    let [me, other, _] = parties();
    let before = Task { worker: Some(me), ..task(TaskStatus::InReview, None) };

    assert_eq!(approve(&before, step(&other, None), &[2]), Err(Refusal::Unmet(vec![1])));
    assert!(approve(&before, step(&other, None), &[1, 2]).is_ok());
}

#[test]
fn what_is_sent_back_waits_for_its_worker_and_says_what_is_not_met() {
    let [me, other, _] = parties();
    let done = complete(&begun(&me), step(&me, None), &[1, 2], false).expect("held");

    let back = send_back(&done, step(&other, None), "no table", &[2]).expect("may");

    assert_eq!((back.assignee.as_ref(), back.reason.as_deref()), (Some(&me), Some("no table")));
    assert_eq!(back.criteria.iter().map(|one| one.is_met).collect::<Vec<_>>(), [true, false]);
    let again = begin(&back, step(&me, None), START).expect("free");
    assert_eq!((again.fence, again.reason), (8, None));
}

#[test]
fn every_refusal_is_told_with_a_next_step() {
    let [me, ..] = parties();
    let lease = Lease { holder: me.clone(), until: at(NOW) };
    let mut all: Vec<Refusal> = STATUSES.map(Refusal::Status).into();
    all.extend([
        Refusal::Needs(vec![Ids::default().next(at(1))]),
        Refusal::Held(lease.clone()),
        Refusal::Assigned(me),
        Refusal::Lost(Some(lease)),
        Refusal::Lost(None),
        Refusal::Own,
        Refusal::Unmet(vec![1]),
        Refusal::NoCriterion,
    ]);

    for refusal in all {
        let error = crate::core::error::Error::from(refusal.clone());

        assert!(error.fix().is_some(), "{refusal:?}");
        assert!(!error.message().contains("ada"), "names stand in the details: {refusal:?}");
    }
}
