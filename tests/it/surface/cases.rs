//! Arguments for each operation: valid ones, on objects made for the purpose.

use memoranda::ops::Entry;
use serde_json::{Value, json};

use crate::support::TestApp;

/// Objects of a team for one call; a destructive call uses them up.
pub struct Objects {
    pub memory: String,
    /// A memory that has expired.
    pub expired: String,
    /// A memory that is proposed.
    pub proposal: String,
    /// A conflict of the memory and the proposal that nobody has decided.
    pub conflict: String,
    /// A task that is planned.
    pub task: String,
    /// A task that the first team's owner works on.
    pub held_task: String,
    /// A task that waits for its review.
    pub finished_task: String,
    pub key_id: String,
    /// A key that is deactivated.
    pub idle_key_id: String,
    /// The id of an agent that waits to be approved.
    pub agent: String,
    /// The id of an approved agent with a session that is running.
    pub active_agent: String,
    /// The id of a member.
    pub member: String,
    /// A node of the strategy.
    pub node: String,
    /// A policy on secrets that isn't the team's yet.
    pub secret_values: &'static str,
    /// A title that no key has.
    pub title: String,
}

impl Objects {
    /// Ids that name nothing, and have the form of those that do.
    pub fn missing() -> Self {
        let memory = format!("mem_{}", "01JD8ZQ5".repeat(4).get(..26).expect("ASCII"));
        Self {
            expired: memory.clone(),
            proposal: memory.clone(),
            conflict: format!("cfl_{}", "01JD8ZQ5".repeat(4).get(..26).expect("ASCII")),
            task: format!("tsk_{}", "01JD8ZQ5".repeat(4).get(..26).expect("ASCII")),
            held_task: format!("tsk_{}", "01JD8ZQ5".repeat(4).get(..26).expect("ASCII")),
            finished_task: format!("tsk_{}", "01JD8ZQ5".repeat(4).get(..26).expect("ASCII")),
            memory,
            key_id: "abcdefghijkl".to_owned(),
            idle_key_id: "abcdefghijkl".to_owned(),
            agent: "nobody".to_owned(),
            active_agent: "nobody".to_owned(),
            member: format!("mbr_{}", "01JD8ZQ5".repeat(4).get(..26).expect("ASCII")),
            node: format!("nod_{}", "01JD8ZQ5".repeat(4).get(..26).expect("ASCII")),
            secret_values: "reject",
            title: "Never made".to_owned(),
        }
    }

    /// Ids that can't be any.
    pub fn malformed() -> Self {
        Self {
            memory: "mem_1".to_owned(),
            expired: "mem_1".to_owned(),
            proposal: "mem_1".to_owned(),
            conflict: "cfl_1".to_owned(),
            task: "tsk_1".to_owned(),
            held_task: "tsk_1".to_owned(),
            finished_task: "tsk_1".to_owned(),
            key_id: "1".to_owned(),
            idle_key_id: "1".to_owned(),
            agent: "no slug".to_owned(),
            active_agent: "no slug".to_owned(),
            member: "mbr_1".to_owned(),
            node: "nod_1".to_owned(),
            secret_values: "reject",
            title: "Bad".to_owned(),
        }
    }

    /// Puts new objects into the first team's database by hand: what an operation needs to succeed,
    /// without the cost of hashing keys that nobody uses.
    pub async fn fresh(app: &TestApp, number: usize) -> Self {
        let items = json!([
            { "content": format!("Tea, {number}.") },
            { "content": format!("Milk, {number}.") },
            { "content": format!("Coffee, {number}.") },
            { "content": format!("Mead, {number}.") },
            { "content": format!("Gin, {number}."), "tags": ["aged"] },
            { "content": format!("Rum, {number}."), "tags": ["aged"] },
        ]);
        let kept = app.owner.ok("remember", json!({ "items": items })).await;
        let [memory, expired, proposal, hidden, aged, expired_long] = [0, 1, 2, 3, 4, 5]
            .map(|at| kept["items"][at]["id"].as_str().expect("an id").to_owned());
        app.owner.ok("memory_expire", json!({ "id": expired })).await;
        super::probe::database(app)
            .execute(
                "UPDATE memories SET status = 'proposed', is_accepted = FALSE WHERE memory_id = ?1",
                [proposal.as_str()],
            )
            .expect("updated");
        super::probe::database(app)
            .execute(
                "INSERT INTO memory_links (team_id, from_id, link_type, to_kind, to_id, created_at)
                 SELECT team_id, ?1, 'supports', 'memory', ?2, 0 FROM teams WHERE slug = 'local'",
                [memory.as_str(), expired.as_str()],
            )
            .expect("inserted");
        let conflict = conflict(app, number, &memory, &proposal);
        let [task, held_task, finished_task] = tasks(app, number);
        let node = node(app, number);
        let [key_id, idle_key_id] = ["a", "b"].map(|letter| format!("{letter}{number:0>11}"));
        for (id, is_active) in [(&key_id, true), (&idle_key_id, false)] {
            super::probe::database(app)
                .execute(
                    "INSERT INTO keys (team_id, key_id, title, role, scopes, secret_hash, is_active,
                                       created_by, created_at)
                     SELECT team_id, ?1, ?1, 'viewer', 'read', 'none', ?2, 'test', 0
                     FROM teams WHERE slug = 'local'",
                    (id, is_active),
                )
                .expect("inserted");
        }
        let [agent, active_agent] = ["agent", "active"].map(|kind| format!("{kind}-{number}"));
        for (slug, number, status) in
            [(&agent, 2 * number, "pending"), (&active_agent, 2 * number + 1, "approved")]
        {
            super::probe::database(app)
                .execute(
                    "INSERT INTO agents (team_id, agent_id, slug, display_name, status, created_at)
                     SELECT team_id, ?2, ?1, ?1, ?3, 0
                     FROM teams WHERE slug = 'local'",
                    (slug, &format!("agt_{number:026}"), status),
                )
                .expect("inserted");
        }
        super::probe::database(app)
            .execute(
                "INSERT INTO sessions (team_id, session_id, agent_id, key_id, secret_number,
                                       started_at, expires_at)
                 SELECT team_id, 'sess_' || substr(agent_id, 5), agent_id, ?2, 1, 0, ?3
                 FROM agents WHERE slug = ?1",
                (&active_agent, &key_id, 4_102_444_800_000_i64),
            )
            .expect("inserted");
        let member = format!("mbr_{number:026}");
        super::probe::database(app)
            .execute(
                "INSERT INTO members (team_id, member_id, display_name, role, created_at)
                 SELECT team_id, ?1, 'Test', 'viewer', 0 FROM teams WHERE slug = 'local'",
                [member.as_str()],
            )
            .expect("inserted");
        // What the one key wrote is there to be hidden, what the other wrote is hidden.
        super::probe::database(app)
            .execute_batch(&format!(
                "UPDATE memory_versions SET key_id = '{key_id}' WHERE memory_id = '{memory}';
                 UPDATE memory_versions SET key_id = '{idle_key_id}' WHERE memory_id = '{hidden}';"
            ))
            .expect("updated");
        app.owner.ok("author_quarantine", json!({ "key_id": idle_key_id })).await;
        age(app, &aged, &expired_long);
        // Every second call sets what the one before it has changed.
        let secret_values = if number.is_multiple_of(2) { "redact" } else { "reject" };
        let title = format!("Key {number}");
        Self {
            memory,
            expired,
            proposal,
            conflict,
            task,
            held_task,
            finished_task,
            key_id,
            idle_key_id,
            agent,
            active_agent,
            member,
            node,
            secret_values,
            title,
        }
    }
}

/// A conflict between two memories.
fn conflict(app: &TestApp, number: usize, existing: &str, newer: &str) -> String {
    let conflict = format!("cfl_{number:026}");
    super::probe::database(app)
        .execute(
            "INSERT INTO conflicts (team_id, conflict_id, existing_id, newer_id,
                                        existing_version, newer_version, kind, severity, signals,
                                        status, pair, opened_at)
                 SELECT team_id, ?1, ?2, ?3, 1, 1, 'CONTRADICTION', 'low', '[]', 'PENDING', ?1, 0
                 FROM teams WHERE slug = 'local'",
            [conflict.as_str(), existing, newer],
        )
        .expect("inserted");
    conflict
}

/// A task that is planned, one that the owner works on, and one that waits for its review.
fn tasks(app: &TestApp, number: usize) -> [String; 3] {
    let made = [(0, "PLANNED"), (1, "IN_PROGRESS"), (2, "IN_REVIEW")]
        .map(|(place, status)| task(app, "local", 3 * number + place, status));
    let own = app.owner.key.as_deref().expect("a key")[5..17].to_owned();
    super::probe::database(app)
        .execute(
            "UPDATE tasks SET lease_until = ?3, fence = 1, holder_agent_id =
                 (SELECT agent_id FROM keys WHERE key_id = ?2)
             WHERE task_id = ?1",
            (&made[1], &own, 4_102_444_800_000_i64),
        )
        .expect("updated");
    made
}

/// A task of a team in a status, without a lease.
pub fn task(app: &TestApp, team: &str, number: usize, status: &str) -> String {
    let task = format!("tsk_{number:026}");
    super::probe::database(app)
        .execute(
            "INSERT INTO tasks (team_id, task_id, position, statement, criteria, status, status_at,
                                priority, fence, version, created_at, updated_at)
             SELECT team_id, ?1, 0, 'Measure it', '[]', ?3, 0, 1, 0, 1, 0, 0
             FROM teams WHERE slug = ?2",
            (&task, team, status),
        )
        .expect("inserted");
    task
}

/// A node of the strategy.
fn node(app: &TestApp, number: usize) -> String {
    let node = format!("nod_{number:026}");
    super::probe::database(app)
        .execute(
            "INSERT INTO nodes (team_id, node_id, kind, position, statement, status, version,
                                created_at, updated_at)
             SELECT team_id, ?1, 'OBJECTIVE', 0, 'Be quick.', 'ACTIVE', 1, 0, 0
             FROM teams WHERE slug = 'local'",
            [node.as_str()],
        )
        .expect("inserted");
    node
}

/// A policy that lets what is tagged `aged` expire and what has expired be erased, and a memory of
/// very long ago for each.
fn age(app: &TestApp, active: &str, expired: &str) {
    let policy = json!({
        "rules": [{ "name": "aged", "match": { "tags": ["aged"] }, "expire_after": "1d" }],
        "purge_expired_after": "1d",
    });
    super::probe::database(app)
        .execute_batch(&format!(
            "INSERT INTO retention_policies (team_id, agent_id, version, policy, updated_at)
             SELECT team_id, '', 1, '{policy}', 0 FROM teams WHERE slug = 'local'
             ON CONFLICT (team_id, agent_id) DO UPDATE SET policy = excluded.policy;
             UPDATE memories SET created_at = 0, updated_at = 0
             WHERE memory_id IN ('{active}', '{expired}');
             UPDATE memories SET status = 'expired' WHERE memory_id = '{expired}';"
        ))
        .expect("updated");
}

/// Valid arguments of an operation on such objects.
///
/// # Panics
/// For an operation that has none here: whoever adds an operation says how it is called.
pub fn arguments(entry: &Entry, on: &Objects) -> Value {
    match entry.spec.name {
        "whoami"
        | "daily_summary"
        | "my_activity"
        | "recall"
        | "brief"
        | "key_list"
        | "agent_list"
        | "policy_show"
        | "operation_list"
        | "session_current"
        | "session_extend"
        | "session_key_rotate"
        | "memory_list"
        | "member_list"
        | "activity_verify"
        | "activity_export"
        | "conflicts_list"
        | "retention_show"
        | "retention_run"
        | "retention_purge"
        | "export"
        | "task_list"
        | "strategy_node_search" => {
            json!({})
        }
        "complete" => json!({ "kind": "tag" }),
        "operation_show" => json!({ "name": "recall" }),
        "import" => {
            let name = on.title.replace(' ', "-");
            json!({ "import": name, "records": [{ "record": "draft", "content": on.title }] })
        }
        "agent_approve" | "agent_block" | "agent_show" => json!({ "agent_id": on.agent }),
        "agent_create" => json!({ "agent_id": format!("new-{}", on.agent) }),
        "agent_delete" => json!({ "agent_id": on.agent, "confirm": true }),
        "session_activate" | "session_end" | "session_list" => {
            json!({ "agent_id": on.active_agent })
        }
        "member_invite" => {
            let address = format!("{}@example.org", on.title.replace(' ', "-"));
            json!({ "email": address, "display_name": on.title })
        }
        "member_edit" => json!({ "member_id": on.member, "display_name": on.title }),
        "member_role" => json!({ "member_id": on.member, "role": "editor" }),
        "member_remove" => json!({ "member_id": on.member, "confirm": true }),
        "policy_set" => json!({ "secret_values": on.secret_values }),
        "answer" => json!({ "question": "Who drinks tea?" }),
        "retention_set" => json!({ "rules": [{ "name": on.member, "expire_after": "999y" }] }),
        "memory_erase" => json!({ "ids": [on.memory], "reason": "test", "confirm": true }),
        "extract" => {
            let said = format!("I decided to use {} for backups.", on.title);
            json!({ "messages": [{ "role": "user", "content": said }], "store": true })
        }
        "strategy_node_create" => json!({ "statement": on.title, "type": "EPIC" }),
        "strategy_tree" => json!({ "id": on.node }),
        "strategy_node_update" => json!({ "id": on.node, "statement": on.title }),
        "task_create" => json!({ "statement": on.title }),
        "task_get" => json!({ "id": on.task }),
        "task_update" => json!({ "id": on.task, "statement": on.title }),
        "agent_register" => json!({ "display_name": on.title }),
        "remember" => json!({ "content": on.title }),
        "work_begin" => json!({ "task_id": on.task }),
        "work_checkpoint" | "work_complete" | "work_release" => {
            json!({ "task_id": on.held_task, "summary": on.title })
        }
        "work_blocked" => json!({ "task_id": on.held_task, "reason": on.title }),
        "work_review" => json!({ "task_id": on.finished_task, "verdict": "approve" }),
        "comment_add" => json!({ "about_id": on.task, "content": on.title }),
        "comment_list" => json!({ "about_id": on.task }),
        "memory_get" | "memory_expire" | "forget" => json!({ "id": on.memory }),
        "memory_restore" => json!({ "id": on.expired }),
        "link_add" => json!({ "id": on.memory, "type": "relates_to", "to": on.expired }),
        "link_remove" => json!({ "id": on.memory, "type": "supports", "to": on.expired }),
        "conflict_resolve" => json!({ "id": on.conflict, "resolution": "KEEP_BOTH" }),
        "memory_accept" => json!({ "id": on.proposal }),
        "memory_update" => json!({ "id": on.memory, "content": on.title }),
        "key_create" => json!({ "title": on.title, "operations": ["key_create"] }),
        "key_show" | "key_deactivate" | "key_rotate" | "key_revoke" | "author_quarantine"
        | "author_roll_back" => json!({ "key_id": on.key_id }),
        "key_edit" => json!({ "key_id": on.key_id, "title": on.title }),
        "key_activate" | "author_release" => json!({ "key_id": on.idle_key_id }),
        "key_delete" => json!({ "key_id": on.key_id, "confirm": true }),
        other => {
            panic!("say in tests/it/surface/cases.rs with which arguments `{other}` is called")
        }
    }
}

/// Whether an operation is about the session by which the caller has signed in.
pub fn needs_session(entry: &Entry) -> bool {
    ["session_current", "session_extend"].contains(&entry.spec.name)
}

/// The field that names one object of a team, where an operation has one. What a list is filtered by
/// is none: it may name anything.
///
/// # Panics
/// When an operation's schema has a field that looks like an id and isn't known here.
pub fn id_field(entry: &Entry) -> Option<&'static str> {
    if entry.spec.name == "agent_create" {
        // Its id is one that is to be.
        return None;
    }
    let fields = entry.input()["properties"].as_object().expect("an object's schema");
    let looks_like_one = |name: &&String| *name == "id" || name.ends_with("_id");
    for name in fields.keys().filter(looks_like_one) {
        assert!(
            [
                "id",
                "key_id",
                "agent_id",
                "object_id",
                "session_id",
                "member_id",
                "task_id",
                "about_id",
                "parent_id"
            ]
            .contains(&name.as_str()),
            "say in tests/it/surface/cases.rs what `{name}` of `{}` names",
            entry.spec.name
        );
    }
    if entry.spec.name == "my_activity" {
        return None;
    }
    ["id", "key_id", "agent_id", "member_id", "task_id", "about_id"]
        .into_iter()
        .find(|name| fields.contains_key(*name))
}
