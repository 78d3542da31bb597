//! Memories that contradict what the team is after: found while remembering, decided by whoever may.

use memoranda::identity::role::Role;
use serde_json::{Value, json};

use crate::support::{Caller, TestApp};
use crate::surface::probe::{database, leaving_nothing, warm};

const GOAL: &str = "The mobile app supports 40 languages.";
const AGAINST: &str = "The mobile app supports 12 languages.";

/// A team with a goal that one of its agents made, and a memory of another against it.
struct Team {
    app: TestApp,
    /// An editor, who wrote the memory.
    ada: Caller,
    /// An editor, who made the node.
    bo: Caller,
    viewer: Caller,
    node: Value,
    memory: Value,
    /// The conflict's id.
    id: Value,
}

impl Team {
    async fn new() -> Self {
        Self::of(json!({ "content": AGAINST }), false).await
    }

    /// The same, with a memory of one's own words, the viewer's if it is so asked.
    async fn of(memory: Value, is_viewers: bool) -> Self {
        let app = warm().await;
        let both = ["read", "write"];
        let ada = app.key("Ada", Role::Editor, &both).await.acting_as("ada");
        let bo = app.key("Bo", Role::Editor, &both).await.acting_as("bo");
        let viewer = app.key("Viewer", Role::Viewer, &both).await.acting_as("viewer");
        let goal = json!({ "statement": GOAL, "type": "KEY_RESULT" });
        let node = bo.ok("strategy_node_create", goal).await["id"].clone();
        let author = if is_viewers { &viewer } else { &ada };
        let kept = author.ok("remember", memory).await;
        let id = kept["conflicts"][0]["id"].clone();
        Self { app, ada, bo, viewer, node, memory: kept["id"].clone(), id }
    }

    async fn resolve(&self, who: &Caller, resolution: &str) -> Value {
        who.ok("conflict_resolve", json!({ "id": self.id, "resolution": resolution })).await
    }

    async fn refused(&self, who: &Caller, resolution: &str) -> Value {
        let decision = json!({ "id": self.id, "resolution": resolution });
        leaving_nothing(&self.app, who.refused("conflict_resolve", decision)).await
    }

    /// How the memory and the node stand, and what the memory is to the node where it stands.
    async fn stand(&self) -> [Value; 3] {
        let memory = self.ada.ok("memory_get", json!({ "id": self.memory })).await;
        let tree = self.ada.ok("strategy_tree", json!({ "id": self.node })).await;
        let node = &tree["nodes"][0];
        [&memory["status"], &node["status"], &node["memories"][0]["relation"]].map(Value::clone)
    }

    /// As if a member had made or written it in person.
    fn of_a_person(&self, set: &str, id: &Value) {
        let (table, key) =
            if *id == self.memory { ("memories", "memory_id") } else { ("nodes", "node_id") };
        let sql = format!(
            "UPDATE {table} SET {set} = (SELECT member_id FROM members LIMIT 1) WHERE {key} = ?1"
        );
        let changed = database(&self.app).execute(&sql, [id.as_str().expect("an id")]);
        assert_eq!(changed.expect("updated"), 1);
    }
}

async fn waiting(caller: &Caller) -> Vec<Value> {
    let list = caller.ok("conflicts_list", json!({})).await;
    list["conflicts"].as_array().expect("conflicts").clone()
}

async fn node_update(team: &Team, more: Value) {
    let mut change = more;
    change["id"] = team.node.clone();
    team.bo.ok("strategy_node_update", change).await;
}

fn stand(memory: &str, node: &str, relation: Option<&str>) -> [Value; 3] {
    [json!(memory), json!(node), json!(relation)]
}

#[tokio::test]
async fn remembering_against_what_is_pursued_opens_a_conflict_and_says_so() {
    let team = Team::new().await;
    let kept = json!({ "id": team.memory, "content": "The mobile app supports 13 languages." });

    let edited = team.ada.ok("memory_update", kept).await;
    let other = json!({ "content": "The mobile app supports 14 languages." });
    let other = team.ada.ok("remember", other).await;
    let calm = team.ada.ok("remember", json!({ "content": "The web app has a dark theme." })).await;

    assert_eq!(edited.get("conflicts"), None, "the one that waits is the same");
    assert_eq!(edited["against"][0]["node"], team.node);
    let with = |one: &&Value| one["with"] == team.node;
    let opened = other["conflicts"].as_array().expect("conflicts");
    let opened: Vec<&Value> = opened.iter().filter(with).collect();
    assert_eq!((opened.len(), &opened[0]["kind"]), (1, &json!("CONTRADICTION")));
    assert_eq!(other["against"][0]["statement"], GOAL);
    assert_eq!((calm.get("conflicts"), calm.get("against")), (None, None));
    let of_node = json!({ "node": team.node });
    let list = team.viewer.ok("conflicts_list", of_node).await;
    assert_eq!(list["count"], 2);
    let [_, first] = &list["conflicts"].as_array().expect("conflicts")[..] else { panic!("two") };
    assert_eq!((&first["id"], &first["severity"]), (&team.id, &json!("medium")));
    let node = json!({
        "id": team.node, "type": "KEY_RESULT", "statement": GOAL, "status": "ACTIVE", "version": 1,
        "changed_since": false,
    });
    assert_eq!(first["existing"], json!({ "node": node }));
    assert_eq!(
        (&first["newer"]["id"], &first["newer"]["changed_since"]),
        (&team.memory, &json!(true))
    );
}

#[tokio::test]
async fn it_waits_for_who_wrote_the_memory_and_for_who_made_or_answers_for_the_node() {
    let team = Team::new().await;
    let cy = team.app.key("Cy", Role::Editor, &["read", "write"]).await.acting_as("cy");
    let shown =
        async |who: &Caller| who.ok("whoami", json!({})).await["conflicts"][0]["id"].clone();

    assert_eq!([shown(&team.ada).await, shown(&team.bo).await], [team.id.clone(), team.id.clone()]);
    assert_eq!(shown(&cy).await, Value::Null);
    node_update(&team, json!({ "owner": "cy" })).await;
    assert_eq!(shown(&cy).await, team.id);
    let brief = cy.ok("brief", json!({})).await;
    assert_eq!(brief["conflicts"][0]["id"], team.id);
    let day = cy.ok("daily_summary", json!({ "agents": ["ada"] })).await;
    assert_eq!(day["conflicts"], json!({ "opened": 1, "settled": 0 }));
    let said = json!({ "about_id": team.id, "content": "Which is it?" });
    cy.ok("comment_add", said).await;
    let said = team.ada.ok("comment_list", json!({ "about_id": team.id })).await;
    assert_eq!(said["comments"][0]["content"], "Which is it?");
}

#[tokio::test]
async fn to_keep_the_node_retires_the_memory() {
    let team = Team::new().await;

    let done = team.resolve(&team.bo, "KEEP_EXISTING").await;

    assert_eq!((&done["status"], &done["retired"]), (&json!("RESOLVED"), &json!([team.memory])));
    assert_eq!((done.get("dropped"), &done["changed"]), (None, &json!(true)));
    assert_eq!(team.stand().await, stand("superseded", "ACTIVE", None));
    assert!(waiting(&team.ada).await.is_empty());
    let again = leaving_nothing(&team.app, team.resolve(&team.ada, "KEEP_EXISTING")).await;
    assert_eq!(again["changed"], false);
    let back = team.ada.ok("memory_restore", json!({ "id": team.memory })).await;
    assert_eq!((&back["conflicts"][0]["with"], waiting(&team.ada).await.len()), (&team.node, 1));
    assert_eq!(back["against"][0]["node"], team.node);
}

#[tokio::test]
async fn to_keep_the_memory_drops_the_node() {
    let team = Team::new().await;
    let decision =
        json!({ "conflictId": team.id, "resolution": "KEEP_NEW", "rationale": "Too many." });

    let done = team.ada.ok("momental_conflict_resolve", decision).await;

    assert_eq!((&done["status"], &done["dropped"]), (&json!("RESOLVED"), &team.node));
    assert_eq!(done["retired"], json!([]));
    assert_eq!(team.stand().await, stand("active", "DROPPED", Some("contradicts")));
    let list = team.ada.ok("conflicts_list", json!({ "status": ["RESOLVED"] })).await;
    let side = &list["conflicts"][0]["existing"]["node"];
    assert_eq!((&side["status"], &side["version"]), (&json!("DROPPED"), &json!(2)));
    let events = team.app.owner.team_events().await;
    let event = events.iter().find(|event| event["operation"] == "conflict_resolve").expect("one");
    assert_eq!((&event["object_id"], &event["summary"]["dropped"]), (&team.id, &team.node));
}

#[tokio::test]
async fn both_kept_stay_linked_and_a_dismissed_conflict_leaves_no_link() {
    for (resolution, status, relation) in
        [("KEEP_BOTH", "RESOLVED", Some("contradicts")), ("DISMISS", "DISMISSED", None)]
    {
        let team = Team::new().await;

        let done = team.resolve(&team.bo, resolution).await;
        let tagged = json!({ "id": team.memory, "tags": ["mobile"] });
        let tagged = team.ada.ok("memory_update", tagged).await;

        assert_eq!(done["status"], status);
        assert_eq!(team.stand().await, stand("active", "ACTIVE", relation), "{resolution}");
        // Nobody is asked again about what was decided, while it says the same.
        assert_eq!((tagged.get("conflicts"), tagged.get("against")), (None, None));
        assert!(waiting(&team.ada).await.is_empty());
        let anew = json!({ "id": team.memory, "content": "The mobile app supports 13 languages." });
        let anew = team.ada.ok("memory_update", anew).await;
        assert_eq!(anew["conflicts"][0]["with"], team.node);
    }
}

#[tokio::test]
async fn a_memory_and_a_node_are_not_merged() {
    let team = Team::new().await;
    let merge = json!({ "id": team.id, "resolution": "MERGE", "content": "The app supports 20." });

    let refused = team.ada.refused("conflict_resolve", merge);

    let refused = leaving_nothing(&team.app, refused).await;
    assert_eq!(refused["code"], "INVALID_ARGUMENT");
    assert_eq!(refused["details"]["fields"][0]["field"], "resolution");
    assert!(refused["fix"].as_str().expect("a fix").contains("strategy_node_update"));
    let more = "The mobile app supports 12 languages, and 28 more later.";
    node_update(&team, json!({ "statement": more })).await;
    node_update(&team, json!({ "statement": "The mobile app is translated." })).await;
    assert!(waiting(&team.ada).await.is_empty());
}

#[tokio::test]
async fn a_node_that_is_rewritten_settles_what_no_longer_contradicts_it() {
    let team = Team::new().await;
    node_update(&team, json!({ "statement": "The mobile app supports 41 languages." })).await;
    let [still] = &waiting(&team.ada).await[..] else { panic!("one waits") };
    assert_eq!(still["existing"]["node"]["changed_since"], true);

    node_update(&team, json!({ "statement": AGAINST })).await;

    assert!(waiting(&team.ada).await.is_empty());
    let list = team.ada.ok("conflicts_list", json!({ "status": ["AUTO_RESOLVED"] })).await;
    assert_eq!(list["conflicts"][0]["reason"], "edited");
    assert_eq!(team.stand().await, stand("active", "ACTIVE", None));
}

#[tokio::test]
async fn a_memory_that_comes_to_agree_settles_it() {
    let team = Team::new().await;

    team.ada.ok("memory_update", json!({ "id": team.memory, "content": GOAL })).await;

    assert!(waiting(&team.ada).await.is_empty());
    let list = team.ada.ok("conflicts_list", json!({ "status": ["AUTO_RESOLVED"] })).await;
    assert_eq!((&list["conflicts"][0]["id"], &list["count"]), (&team.id, &json!(1)));
    assert_eq!(team.stand().await, stand("active", "ACTIVE", None));
}

#[tokio::test]
async fn a_conflict_with_what_is_not_pursued_any_more_is_gone_and_comes_back_with_it() {
    let team = Team::new().await;
    for status in ["DROPPED", "ACHIEVED"] {
        node_update(&team, json!({ "status": status })).await;
        assert!(waiting(&team.ada).await.is_empty(), "{status}");
    }
    node_update(&team, json!({ "status": "ACTIVE" })).await;
    assert_eq!(waiting(&team.ada).await[0]["id"], team.id);
    // What it came to say meanwhile counts once it is pursued again.
    node_update(&team, json!({ "status": "DROPPED" })).await;
    node_update(&team, json!({ "statement": AGAINST })).await;
    node_update(&team, json!({ "status": "ACTIVE" })).await;
    assert!(waiting(&team.ada).await.is_empty());

    let other = Team::new().await;
    node_update(&other, json!({ "status": "DROPPED" })).await;
    let done = other.resolve(&other.ada, "KEEP_EXISTING").await;

    assert_eq!((&done["status"], &done["reason"]), (&json!("DISMISSED"), &json!("gone")));
    assert_eq!(other.stand().await[0], "active");
}

#[tokio::test]
async fn an_agent_asks_before_it_drops_what_a_person_made_or_answers_for() {
    for column in ["author_member_id", "owner_member_id"] {
        let team = Team::new().await;
        team.of_a_person(column, &team.node);
        if column == "author_member_id" {
            let sql = "UPDATE nodes SET author_agent_id = NULL WHERE node_id = ?1";
            let id = team.node.as_str().expect("an id");
            assert_eq!(database(&team.app).execute(sql, [id]).expect("updated"), 1);
        }

        let asked = team.resolve(&team.ada, "KEEP_NEW").await;

        assert_eq!((&asked["status"], asked.get("dropped")), (&json!("PENDING_APPROVAL"), None));
        assert_eq!(team.stand().await[1], "ACTIVE", "{column}");
        let again = leaving_nothing(&team.app, team.resolve(&team.ada, "KEEP_NEW")).await;
        assert_eq!(again["changed"], false);
        assert_eq!(team.resolve(&team.viewer, "KEEP_NEW").await["status"], "PENDING_APPROVAL");
        let done = team.resolve(&team.bo, "KEEP_NEW").await;
        assert_eq!((&done["status"], &done["dropped"]), (&json!("RESOLVED"), &team.node));
    }
}

#[tokio::test]
async fn an_agent_asks_before_it_retires_what_a_person_wrote_for_a_node() {
    let team = Team::new().await;
    let sql = "UPDATE memories SET agent_id = NULL WHERE memory_id = ?1";
    let id = team.memory.as_str().expect("an id");
    database(&team.app).execute(sql, [id]).expect("updated");
    team.of_a_person("member_id", &team.memory);

    let asked = team.resolve(&team.bo, "KEEP_EXISTING").await;

    assert_eq!((&asked["status"], &asked["retired"]), (&json!("PENDING_APPROVAL"), &json!([])));
    assert_eq!(team.stand().await[0], "active");
    let otherwise = team.resolve(&team.ada, "KEEP_BOTH").await;
    assert_eq!(otherwise["status"], "RESOLVED", "nothing is taken from anybody");
}

#[tokio::test]
async fn consent_to_drop_a_node_is_to_just_that() {
    let team = Team::new().await;
    team.of_a_person("owner_member_id", &team.node);
    team.resolve(&team.ada, "KEEP_NEW").await;

    let otherwise = team.resolve(&team.bo, "KEEP_EXISTING").await;

    assert_eq!(
        (&otherwise["status"], &otherwise["retired"]),
        (&json!("RESOLVED"), &json!([team.memory]))
    );
    assert_eq!(team.stand().await, stand("superseded", "ACTIVE", None));
}

#[tokio::test]
async fn a_viewer_asks_for_what_it_may_not_change_and_gives_up_its_own_proposal() {
    let team = Team::new().await;
    for resolution in ["KEEP_EXISTING", "KEEP_NEW", "KEEP_BOTH", "DISMISS"] {
        let asked = team.resolve(&team.viewer, resolution).await;
        assert_eq!(asked["status"], "PENDING_APPROVAL", "{resolution}");
    }
    assert_eq!(team.stand().await, stand("active", "ACTIVE", Some("contradicts")));

    let given_up = Team::of(json!({ "content": AGAINST }), true).await;
    assert_eq!(given_up.resolve(&given_up.viewer, "KEEP_EXISTING").await["status"], "RESOLVED");
    assert_eq!(given_up.stand().await[0], "superseded");

    let taken = Team::of(json!({ "content": AGAINST }), true).await;
    let asked = taken.resolve(&taken.viewer, "KEEP_NEW").await;
    assert_eq!(asked["status"], "PENDING_APPROVAL");
    assert_eq!(taken.stand().await, stand("proposed", "ACTIVE", Some("contradicts")));
    assert_eq!(taken.resolve(&taken.bo, "KEEP_NEW").await["status"], "RESOLVED");
    assert_eq!(taken.stand().await, stand("active", "DROPPED", Some("contradicts")));
}

#[tokio::test]
async fn a_key_that_may_not_change_the_strategy_asks_to_drop_a_node() {
    let team = Team::new().await;
    let list = json!({
        "role": "editor", "scopes": ["read", "write"],
        "operations": ["conflict_resolve", "conflicts_list"],
    });
    let bound = team.app.key_with("Bound", list).await.acting_as("bound");

    let asked = team.resolve(&bound, "KEEP_NEW").await;

    assert_eq!((&asked["status"], asked.get("dropped")), (&json!("PENDING_APPROVAL"), None));
    assert_eq!(team.stand().await[1], "ACTIVE");
    assert_eq!(team.resolve(&team.ada, "KEEP_NEW").await["dropped"], team.node);
}

#[tokio::test]
async fn what_is_private_drops_no_node_and_its_conflict_stays_its_authors() {
    let private = json!({ "content": AGAINST, "visibility": "agent" });
    let team = Team::of(private, false).await;

    let unseen = team.refused(&team.bo, "DISMISS").await;
    let refused = team.refused(&team.ada, "KEEP_NEW").await;

    assert_eq!(unseen["code"], "NOT_FOUND");
    assert!(waiting(&team.bo).await.is_empty() && waiting(&team.app.owner).await.is_empty());
    assert_eq!(refused["code"], "INVALID_ARGUMENT");
    assert_eq!(refused["details"]["fields"][0]["field"], "resolution");
    assert_eq!(waiting(&team.ada).await[0]["id"], team.id);
    assert_eq!(team.resolve(&team.ada, "KEEP_EXISTING").await["retired"], json!([team.memory]));
}

#[tokio::test]
async fn a_private_memory_is_not_retired_for_a_node_that_agrees_with_it_by_now() {
    let private = json!({ "content": AGAINST, "visibility": "agent" });
    let team = Team::of(private, false).await;
    // Bo doesn't see the conflict, so that rewriting the node leaves it as it is.
    node_update(&team, json!({ "statement": AGAINST })).await;
    assert_eq!(waiting(&team.ada).await[0]["existing"]["node"]["changed_since"], true);

    let done = team.resolve(&team.ada, "KEEP_EXISTING").await;

    assert_eq!((&done["status"], &done["reason"]), (&json!("DISMISSED"), &json!("edited")));
    assert_eq!(team.stand().await, stand("active", "ACTIVE", None));
}

#[tokio::test]
async fn what_was_seen_of_an_aim_says_how_far_it_is_and_contradicts_nothing() {
    let team = Team::new().await;
    let seen = json!({ "content": "The mobile app supports 15 languages.", "type": "observation" });

    let seen = team.ada.ok("remember", seen).await;

    let with_node = |one: &Value| one["with"] == team.node;
    let opened = seen["conflicts"].as_array();
    assert!(!opened.is_some_and(|all| all.iter().any(with_node)), "{seen}");
    assert_eq!(seen.get("against"), None);
}

#[tokio::test]
async fn a_conflict_goes_out_of_sight_with_a_quarantined_memory_and_comes_back_with_it() {
    let team = Team::new().await;
    let ada = json!({ "agent": "ada" });

    team.app.owner.ok("author_quarantine", ada.clone()).await;
    let hidden = waiting(&team.bo).await.len();
    let unseen = team.refused(&team.bo, "KEEP_EXISTING").await;
    team.app.owner.ok("author_release", ada).await;

    assert_eq!((hidden, &unseen["code"]), (0, &json!("NOT_FOUND")));
    assert_eq!(waiting(&team.bo).await[0]["id"], team.id);
}

#[tokio::test]
async fn what_was_settled_is_not_settled_otherwise_and_of_two_at_once_one_decides() {
    let team = Team::new().await;
    team.resolve(&team.ada, "KEEP_BOTH").await;
    let late = team.refused(&team.bo, "KEEP_NEW").await;
    assert_eq!(late["code"], "CONFLICT");
    node_update(&team, json!({ "status": "DROPPED" })).await;

    for round in 0..12 {
        let goal =
            json!({ "statement": format!("Harbour {round} has 40 berths."), "type": "EPIC" });
        let node = team.bo.ok("strategy_node_create", goal).await["id"].clone();
        let against = json!({ "content": format!("Harbour {round} has 12 berths.") });
        let kept = team.ada.ok("remember", against).await;
        let decide =
            |resolution| json!({ "id": kept["conflicts"][0]["id"], "resolution": resolution });

        let (one, two) = tokio::join!(
            team.ada.tool("conflict_resolve", decide("KEEP_EXISTING")),
            team.bo.tool("conflict_resolve", decide("KEEP_NEW")),
        );

        assert_ne!(one.0, two.0, "{one:?} {two:?}");
        let lost = if one.0 { &one.1 } else { &two.1 };
        assert_eq!(lost["code"], "CONFLICT");
        let memory = team.ada.ok("memory_get", json!({ "id": kept["id"] })).await;
        let tree = team.ada.ok("strategy_tree", json!({ "id": node })).await;
        let stand = (memory["status"].as_str(), tree["nodes"][0]["status"].as_str());
        let both = [(Some("superseded"), Some("ACTIVE")), (Some("active"), Some("DROPPED"))];
        assert!(both.contains(&stand), "{stand:?}");
    }
}
