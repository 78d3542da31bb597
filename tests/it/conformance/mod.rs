//! The official conformance suite, run against the product's router with a fixture handler in it.
//!
//! The suite calls tools of its own naming (`fixture`) and can't send a key (`proxy` adds it); all
//! between, the HTTP layers, authentication, and the transport's settings, is the product's. What
//! may fail is in `expected-failures.yml`.

mod fixture;
mod proxy;
pub mod tools;

use std::path::Path;
use std::process::{Command, Output};

use fixture::Fixture;

/// Where the suite starts, in the folder of tools.
const SUITE: &str = "node_modules/@modelcontextprotocol/conformance/dist/index.js";
const EXPECTED_FAILURES: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/conformance/expected-failures.yml");

#[tokio::test(flavor = "multi_thread")]
async fn the_conformance_suite_passes_for_2025_11_25() {
    pass("2025-11-25").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_conformance_suite_passes_for_2026_07_28() {
    pass("2026-07-28").await;
}

/// Runs every scenario of a revision, and fails with the suite's own words if one fails that may
/// not, or passes that should fail.
async fn pass(revision: &'static str) {
    let Some(folder) = tools::folder() else {
        return;
    };
    let (base_url, api_key) = crate::support::serve_handler(Fixture::new()).await;
    let server = base_url.trim_start_matches("http://").parse().expect("an address and a port");
    let proxy = proxy::start(server, &api_key).await.expect("a free port on loopback");

    let url = format!("http://{proxy}/mcp");
    let run = move || run_suite(&folder, &url, revision);
    let output = tokio::task::spawn_blocking(run).await.expect("the suite runs to its end");

    let said = String::from_utf8_lossy(&output.stdout);
    let summary = said.rfind("=== SUMMARY").map_or(&*said, |at| &said[at..]);
    assert!(
        output.status.success(),
        "{summary}\n{}\nthe suite found fault with {revision}; all it said:\n{said}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn run_suite(folder: &Path, url: &str, revision: &str) -> Output {
    let mut suite = Command::new(tools::node(folder));
    suite.arg(folder.join(SUITE)).args(["server", "--url", url]);
    suite.args(["--suite", "all", "--spec-version", revision]);
    // Without a list the suite would let warnings pass.
    suite.args(["--expected-failures", EXPECTED_FAILURES]);
    suite.output().expect("Node starts")
}
