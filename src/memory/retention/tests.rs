use super::*;
use crate::core::id::Ids;
use crate::identity::actor::{Actor, AgentRef, Trust};
use crate::memory::draft::Draft;
use crate::memory::memory::Author;

fn at(day: i64) -> Timestamp {
    let start = Timestamp::parse("2026-01-01", false).expect("a time");
    start.plus_millis(day * crate::core::clock::DAY_MS)
}

fn memory(memory_type: MemoryType, more: Draft) -> Memory {
    let draft = Draft { content: Some("x".into()), memory_type: Some(memory_type), ..more };
    let author =
        Author { actor: Actor { agent: None, member: None }, key: None, trust: Trust::Approved };
    let statement = draft.into_statement(at(0)).expect("valid");
    Memory::new(Ids::default().next(at(0)), statement, author, at(0))
}

fn policy(text: &str) -> Policy {
    let policy: Policy = serde_json::from_str(text).expect("a policy");
    policy.check().expect("its rules hold");
    policy
}

fn of_team(text: &str) -> Policies {
    Policies { team: policy(text), agents: Vec::new() }
}

#[test]
fn a_type_expires_when_its_time_is_over_and_says_which_line_did_it() {
    let policies = of_team(r#"{ "retention": { "context": "30d", "fact": "never" } }"#);
    let context = memory(MemoryType::Context, Draft::default());

    assert_eq!(policies.expires(&context, at(29)), None);
    assert_eq!(policies.expires(&context, at(30)).as_deref(), Some("retention.context"));
    for kept in [MemoryType::Fact, MemoryType::Goal] {
        assert_eq!(policies.expires(&memory(kept, Draft::default()), at(9999)), None);
    }
}

#[test]
fn the_first_rule_that_matches_decides_before_the_types() {
    let policies = of_team(
        r#"{ "retention": { "context": "1d" },
             "rules": [
                { "name": "pinned", "match": { "tags": ["a", "b"] }, "expire_after": "never" },
                { "name": "soon", "match": { "type": ["context"] }, "expire_after": "2d" },
                { "name": "later", "expire_after": "3d" } ] }"#,
    );
    let tagged = Draft { tags: Some(vec!["b".into()]), ..Draft::default() };

    assert_eq!(policies.expires(&memory(MemoryType::Context, tagged), at(9)), None);
    let context = memory(MemoryType::Context, Draft::default());
    assert_eq!(policies.expires(&context, at(1)), None);
    assert_eq!(policies.expires(&context, at(9)).as_deref(), Some("soon"));
    let goal = memory(MemoryType::Goal, Draft::default());
    assert_eq!(policies.expires(&goal, at(9)).as_deref(), Some("later"));
}

#[test]
fn all_that_a_rule_names_must_be_so() {
    let policies = of_team(
        r#"{ "rules": [{ "name": "r", "expire_after": "1d", "match": {
                "type": ["fact"], "tags": ["t"], "source": ["s"],
                "provenance": ["inferred"], "confidence_below": 0.5 } }] }"#,
    );
    let whole = || Draft {
        tags: Some(vec!["t".into()]),
        source: Some("s".into()),
        provenance: Some(Provenance::Inferred),
        confidence: Some(0.4),
        ..Draft::default()
    };
    let expires =
        |memory_type, draft| policies.expires(&memory(memory_type, draft), at(2)).is_some();

    assert!(expires(MemoryType::Fact, whole()));
    assert!(!expires(MemoryType::Goal, whole()));
    for other in [
        Draft { tags: None, ..whole() },
        Draft { source: Some("S".into()), ..whole() },
        Draft { source: None, ..whole() },
        Draft { provenance: None, ..whole() },
        Draft { confidence: Some(0.5), ..whole() },
    ] {
        assert!(!expires(MemoryType::Fact, other));
    }
}

#[test]
fn what_says_itself_until_when_it_holds_is_left_alone_unless_a_rule_asks_for_it() {
    let dated = || Draft { valid_until: Some("2026-06-01".into()), ..Draft::default() };
    let plain = of_team(
        r#"{ "retention": { "fact": "1d" }, "rules": [{ "name": "all", "expire_after": "1d" }] }"#,
    );
    let asking = of_team(
        r#"{ "rules": [{ "name": "dated", "match": { "dated": true }, "expire_after": "1d" }] }"#,
    );
    let undated = memory(MemoryType::Fact, Draft::default());

    assert_eq!(plain.expires(&memory(MemoryType::Fact, dated()), at(999)), None);
    let dated = memory(MemoryType::Fact, dated());
    assert_eq!(asking.expires(&dated, at(2)).as_deref(), Some("dated"));
    assert_eq!(asking.expires(&undated, at(2)), None);
}

#[test]
fn a_change_begins_the_time_anew() {
    let policies = of_team(r#"{ "retention": { "fact": "10d" } }"#);
    let first = memory(MemoryType::Fact, Draft::default());

    let second = first.next(first.statement.clone(), Status::Active, at(8));

    assert!(policies.expires(&first, at(12)).is_some());
    assert_eq!(policies.expires(&second, at(12)), None);
    assert!(policies.expires(&second, at(18)).is_some());
}

#[test]
fn only_what_is_active_expires_and_only_what_has_expired_is_purged() {
    let policies = of_team(
        r#"{ "rules": [{ "name": "r", "expire_after": "1d" }], "purge_expired_after": "1d" }"#,
    );
    let first = memory(MemoryType::Fact, Draft::default());
    for (status, _) in Status::NAMES {
        let mut one = first.clone();
        one.status = *status;

        assert_eq!(policies.expires(&one, at(9)).is_some(), *status == Status::Active);
        assert_eq!(policies.purges(&one, at(9)), *status == Status::Expired);
        assert!(!policies.purges(&one, at(0)));
    }
}

#[test]
fn an_agents_own_policy_comes_first_and_the_teams_decides_the_rest() {
    let agent = Ids::default().next(at(0));
    let policies = Policies {
        team: policy(
            r#"{ "retention": { "fact": "1d", "goal": "1d" }, "purge_expired_after": "5d" }"#,
        ),
        agents: vec![(
            agent,
            policy(r#"{ "retention": { "fact": "never" }, "purge_expired_after": "never" }"#),
        )],
    };
    let by = |memory_type, is_theirs: bool| {
        let mut one = memory(memory_type, Draft::default());
        one.author.actor.agent = is_theirs.then(|| AgentRef { id: agent, slug: "ada".into() });
        one
    };

    assert_eq!(policies.expires(&by(MemoryType::Fact, true), at(9)), None);
    assert!(policies.expires(&by(MemoryType::Fact, false), at(9)).is_some());
    assert!(policies.expires(&by(MemoryType::Goal, true), at(9)).is_some());
    let expired = |mut one: Memory| {
        one.status = Status::Expired;
        policies.purges(&one, at(9))
    };
    assert!(!expired(by(MemoryType::Fact, true)));
    assert!(expired(by(MemoryType::Fact, false)));
}

#[test]
fn nothing_younger_than_the_shortest_time_is_looked_at() {
    let policies = of_team(
        r#"{ "retention": { "fact": "30d" }, "rules": [{ "name": "r", "expire_after": "2d" }],
             "purge_expired_after": "7d" }"#,
    );

    assert_eq!(policies.expiring_before(at(10)), Some(at(8)));
    assert_eq!(policies.purging_before(at(10)), Some(at(3)));
    let never = of_team(r#"{ "retention": { "fact": "never" }, "purge_expired_after": "never" }"#);
    assert_eq!((never.expiring_before(at(10)), never.purging_before(at(10))), (None, None));
    assert_eq!(Policies::default().expiring_before(at(10)), None);
}

#[test]
fn a_name_stands_for_one_rule() {
    let twice = r#"{ "rules": [{ "name": "r", "expire_after": "2d" },
                               { "name": "r", "expire_after": "3d" }] }"#;
    let twice: Policy = serde_json::from_str(twice).expect("a policy");

    let error = twice.check().expect_err("refused");

    assert!(error.message().starts_with("`rules[1].name`"), "{}", error.message());
}

#[test]
fn what_is_stored_is_read_again() {
    for preset in &presets::ALL {
        let policy = presets::named(preset.name).expect("a policy");
        let stored = serde_json::to_string(&policy).expect("serializes");

        assert_eq!(serde_json::from_str::<Policy>(&stored).ok(), Some(policy));
    }
    assert!(policy("{}").is_empty());
    assert!(policy(r#"{ "retention": {}, "rules": [] }"#).is_empty());
}
