//! Everything moved from one database to another by the binary: whole, resumed, refused.

mod refused;
mod resumed;
mod whole;

use std::path::Path;
use std::process::Command;

use memoranda::store::sqlite::FILE_NAME;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{Ended, Home, Served};
use crate::cluster::Database;
use crate::support::Caller;

impl Home {
    /// The embedded database of this home, as a move names it.
    fn place(&self) -> String {
        format!("sqlite:{}", self.data().display())
    }

    /// Another folder of this home, as a move names it.
    fn other(&self, name: &str) -> String {
        format!("sqlite:{}", self.0.path().join(name).display())
    }

    /// A move, with whatever else the command is given.
    fn moving(&self, from: &str, to: &str, more: &[&str]) -> Command {
        let mut command = self.command(&["migrate", "--from", from, "--to", to]);
        command.args(more);
        command
    }

    fn moved(&self, from: &str, to: &str, more: &[&str]) -> Ended {
        Ended::of(self.moving(from, to, more).output().expect("the binary starts"))
    }

    /// Asserts that two databases hold the same.
    fn assert_equal(&self, from: &str, to: &str) {
        let compared = self.moved(from, to, &["--verify", "--json", "--quiet"]).json();
        assert_eq!(compared["is_equal"], true, "{compared}");
    }

    /// A second way into this home's embedded database.
    fn beside(&self) -> Connection {
        beside(&self.place())
    }
}

fn folder(place: &str) -> &Path {
    Path::new(place.strip_prefix("sqlite:").expect("a folder"))
}

fn beside(place: &str) -> Connection {
    Connection::open(folder(place).join(FILE_NAME)).expect("opens")
}

/// Says what a table of a database holds, whichever engine it is on.
fn count(place: &str, database: Option<&Database>, of: &str) -> u64 {
    let sql = format!("SELECT count(*) FROM {of}");
    if let Some(database) = database {
        return database.ask(&sql)[0].parse().expect("a number");
    }
    let rows = beside(place).query_row(&sql, [], |row| row.get::<_, i64>(0));
    rows.expect("counts").unsigned_abs()
}

/// What a database of a team has been through.
struct Lived {
    owner: String,
    scout: String,
    /// A session of scout's key.
    session: String,
    /// Memories that are recalled by `tea`, best first.
    hits: Vec<String>,
    /// The end of the activity chain.
    head: Value,
}

/// Lets a team work on this home's database for a while, on a server that then stops.
async fn lived(home: &Home) -> Lived {
    let owner_key = home.init();
    let served = Served::start(home);
    let owner = served.caller(&owner_key);
    let made = owner.ok("key_create", json!({ "title": "Scout", "role": "editor" })).await;
    let first = made["key"].as_str().expect("a key").to_owned();
    let id = made["key_id"].as_str().expect("an id").to_owned();
    let scout = served.caller(&first).acting_as("scout");
    for number in 0..30 {
        let item = json!({
            "content": format!("Tea number {number} is “green” — 茶は緑です\n\tand\\fine' \u{1f375}."),
            "tags": ["drink", format!("n{number}")],
            "visibility": if number % 10 == 9 { "agent" } else { "team" },
            "confidence": 0.1 + 0.2,
            "source": "kitchen",
        });
        scout.ok("remember", item).await;
    }
    let found = scout.ok("recall", json!({ "query": "tea", "limit": 5 })).await;
    let ids: Vec<Value> =
        found["hits"].as_array().expect("hits").iter().map(|hit| hit["id"].clone()).collect();
    scout.ok("memory_update", json!({ "id": ids[0], "content": "Tea, tea and more tea." })).await;
    scout.ok("memory_expire", json!({ "id": ids[1] })).await;
    scout.ok("forget", json!({ "id": ids[2], "reason": "Neither." })).await;
    scout.ok("memory_update", json!({ "id": ids[3], "title": "Of tea" })).await;
    scout.ok("link_add", json!({ "id": ids[0], "type": "relates_to", "to": ids[3] })).await;
    let erased = json!({ "ids": [ids[4]], "reason": "test", "confirm": true });
    owner.ok("memory_erase", erased).await;
    owner.ok("retention_set", json!({ "preset": "balanced" })).await;
    let goal = json!({ "statement": "The kettle holds 40 cups.", "type": "OBJECTIVE" });
    owner.ok("strategy_node_create", goal).await;
    scout.ok("remember", json!({ "content": "The kettle holds 12 cups." })).await;
    let viewer = json!({ "title": "Viewer", "role": "viewer" });
    let viewer = owner.ok("key_create", viewer).await;
    let viewer = served.caller(viewer["key"].as_str().expect("a key")).acting_as("guest");
    viewer.ok("remember", json!({ "content": "Tea might be blue." })).await;
    let gone = owner.ok("key_create", json!({ "title": "Gone" })).await;
    let spoilt = served.caller(gone["key"].as_str().expect("a key")).acting_as("spoiler");
    spoilt.ok("remember", json!({ "content": "Tea is poison." })).await;
    owner.ok("author_quarantine", json!({ "key_id": gone["key_id"] })).await;
    owner.ok("key_revoke", json!({ "key_id": gone["key_id"] })).await;
    let rotated = owner.ok("key_rotate", json!({ "key_id": id, "overlap_hours": 24 })).await;
    let scout_key = rotated["key"].as_str().expect("a key").to_owned();
    owner.ok("agent_delete", json!({ "agent_id": "spoiler", "confirm": true })).await;
    let ada = json!({ "email": "ada@example.org", "display_name": "Ada", "role": "admin" });
    owner.ok("member_invite", ada).await;
    let session = served.caller(&scout_key).activated("scout").await.session.expect("a token");
    let caller = served.caller(&scout_key).acting_as("scout");
    let hits = recalled(&caller).await;
    let head = owner.ok("activity_verify", json!({})).await["head"].clone();
    assert_eq!(served.stop().0, Some(0));
    Lived { owner: owner_key, scout: scout_key, session, hits, head }
}

/// What scout recalls, best first.
async fn recalled(scout: &Caller) -> Vec<String> {
    let found = scout.ok("recall", json!({ "query": "green tea", "limit": 50 })).await;
    let hits = found["hits"].as_array().expect("hits").iter();
    hits.map(|hit| hit["id"].as_str().expect("an id").to_owned()).collect()
}

/// Asserts that a server on a database that was moved is the one it was.
async fn assert_lives_on(served: &Served, lived: &Lived) {
    let owner = served.caller(&lived.owner);
    let scout = served.caller(&lived.scout).acting_as("scout");
    let noted = json!({
        "expect_sequence": lived.head["sequence"], "expect_hash": lived.head["hash"],
    });
    let chain = owner.ok("activity_verify", noted).await;
    assert_eq!((&chain["is_intact"], &chain["head"]), (&json!(true), &lived.head), "{chain}");
    assert_eq!(recalled(&scout).await, lived.hits);
    let waiting = scout.ok("conflicts_list", json!({})).await;
    let goal = &waiting["conflicts"][0]["existing"]["node"]["statement"];
    assert_eq!(goal, "The kettle holds 40 cups.", "{waiting}");
    let active = served.caller(&lived.scout).with_session(&lived.session);
    let session = active.rest(reqwest::Method::GET, "/v1/sessions/current", None).await;
    assert_eq!(session.status, 200, "{}", session.body);
    // And it goes on: what is changed now is found, and the chain holds.
    let changed = json!({ "id": lived.hits[0], "content": "Tea is green as moss." });
    scout.ok("memory_update", changed).await;
    let moss = scout.ok("recall", json!({ "query": "moss" })).await;
    assert_eq!(moss["hits"][0]["id"], lived.hits[0]);
    assert_eq!(owner.ok("activity_verify", json!({})).await["is_intact"], true);
}
