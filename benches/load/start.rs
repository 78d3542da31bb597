//! From spawning the product to its first answers over stdio.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use super::figures::{Samples, Table};
use super::scratch;
use super::servers::Product;

/// How often each is started.
const STARTS: usize = 20;

/// What a start cost, in milliseconds since the process was spawned.
struct Start {
    initialized: f64,
    whoami: f64,
}

pub fn measure(table: &mut Table, product: &Product) {
    let existing = scratch();
    product.initialise(existing.path());
    // The agent is made on its first call; what is measured is the next.
    start(product, existing.path());
    let (mut nothing, mut known, mut known_call) =
        (Samples::default(), Samples::default(), Samples::default());
    let (mut fresh, mut fresh_call) = (Samples::default(), Samples::default());
    for _ in 0..STARTS {
        nothing.add(process_that_does_nothing());
        let one = start(product, existing.path());
        known.add(one.initialized);
        known_call.add(one.whoami);
        let one = start(product, &scratch().path().join("new"));
        fresh.add(one.initialized);
        fresh_call.add(one.whoami);
    }
    let mut line = |what: &str, samples: &Samples| {
        let figure = format!("{samples}, 95 in 100 within {:.1}", samples.at(95));
        table.line(&format!("start: {what}"), figure, "ms", "");
    };
    line("a process that does nothing", &nothing);
    line("`initialize`, existing folder", &known);
    line("`whoami`, existing folder", &known_call);
    line("`initialize`, new folder", &fresh);
    line("`whoami`, new folder", &fresh_call);
}

fn process_that_does_nothing() -> f64 {
    let began = Instant::now();
    Command::new("true").status().expect("`true` runs");
    milliseconds(began)
}

fn start(product: &Product, data: &Path) -> Start {
    let began = Instant::now();
    let mut child = product
        .command(data)
        .arg("stdio")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the product starts");
    let mut input = child.stdin.take().expect("piped");
    let mut output = BufReader::new(child.stdout.take().expect("piped"));
    let client = json!({ "name": "load", "version": "1" });
    let params = json!({
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client,
    });
    send(
        &mut input,
        &json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }),
    );
    let answer = receive(&mut output);
    let initialized = milliseconds(began);
    assert!(answer["result"]["serverInfo"].is_object(), "{answer}");
    send(&mut input, &json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    let params = json!({ "name": "whoami", "arguments": {} });
    send(
        &mut input,
        &json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params }),
    );
    let answer = receive(&mut output);
    let whoami = milliseconds(began);
    assert_eq!(answer["result"]["structuredContent"]["team"], "local", "{answer}");
    drop(input);
    child.wait().expect("it ends with its input");
    Start { initialized, whoami }
}

fn send(input: &mut impl Write, message: &Value) {
    input.write_all(format!("{message}\n").as_bytes()).expect("the product reads");
}

fn receive(output: &mut impl BufRead) -> Value {
    let mut line = String::new();
    output.read_line(&mut line).expect("the product answers");
    serde_json::from_str(&line).expect("a frame is JSON")
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
