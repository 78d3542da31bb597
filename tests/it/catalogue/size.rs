//! What the list of tools costs: it is paid for in every conversation. A token is taken as four
//! bytes of the compact JSON that is sent.

use memoranda::core::clock::Timestamp;
use memoranda::core::id::Ids;
use memoranda::identity::actor::{Actor, Credential, Trust};
use memoranda::identity::guard::Policy;
use memoranda::identity::principal::Principal;
use memoranda::identity::role::{Role, Scopes};
use memoranda::ops::spec::Toolset;
use memoranda::surface::mcp::tools;
use serde_json::{Value, json};

use crate::golden;
use crate::support::TestApp;

const MOST_OF_ALL: usize = 6_000;
const MOST_OF_ONE: usize = 500;
const MOST_LISTED: usize = 20;

fn tokens(value: &Value) -> usize {
    value.to_string().len().div_ceil(4)
}

/// The owner of a team, who may do everything.
fn owner() -> Principal {
    Principal {
        team: Ids::default().next(Timestamp::from_millis(0)),
        team_slug: "local".to_owned(),
        actor: Actor { agent: None, member: None },
        credential: Credential::Local,
        role: Role::Owner,
        scopes: Scopes::all(),
        allow_list: None,
        trust: Trust::Approved,
        secrets: Policy::Reject,
    }
}

fn listed(toolsets: &[Toolset]) -> Vec<Value> {
    let tools = tools::listed(&owner(), toolsets);
    tools.iter().map(|tool| serde_json::to_value(tool).expect("serializes")).collect()
}

/// What each costs, the dearest first: `cargo test --test it size -- --nocapture` shows it.
#[expect(clippy::print_stderr, reason = "what tools cost is to be seen")]
fn print_sizes(which: &str, tools: &[Value]) {
    let mut sizes: Vec<_> = tools.iter().map(|tool| (tokens(tool), &tool["name"])).collect();
    sizes.sort_unstable_by_key(|(cost, _)| std::cmp::Reverse(*cost));
    let all: usize = sizes.iter().map(|(cost, _)| cost).sum();
    eprintln!("{} tools {which}, {all} tokens:", sizes.len());
    for (cost, name) in sizes {
        eprintln!("{cost:>6}  {name}");
    }
}

#[tokio::test]
async fn the_whole_list_is_cheap_enough_to_be_sent_every_time() {
    let app = TestApp::start().await;
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {} });

    let answer = app.owner.mcp(message).await.body;

    let tools = answer["result"]["tools"].as_array().expect("a list");
    assert!((1..=MOST_LISTED).contains(&tools.len()), "{}", tools.len());
    print_sizes("listed by default", tools);
    assert!(tokens(&answer) <= MOST_OF_ALL, "{} tokens", tokens(&answer));
}

#[test]
fn each_tool_is_cheap() {
    let tools = listed(&Toolset::ALL);

    print_sizes("of every toolset", &tools);
    for tool in &tools {
        assert!(tokens(tool) <= MOST_OF_ONE, "{}: {}", tool["name"], tokens(tool));
    }
}

#[test]
fn the_definitions_of_the_tools_are_the_golden_ones() {
    let tools = Value::Array(listed(&Toolset::ALL));

    golden::check("tools.json", &format!("{tools:#}\n"));
}
