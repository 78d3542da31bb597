//! Authenticated `whoami` over HTTP beside the bare echo, both answering as fast as they can.

use std::time::Duration;

use serde_json::json;

use super::client::{rate, tool_call};
use super::figures::{Samples, Table};
use super::servers::{Product, Server};

const CONNECTIONS: [usize; 3] = [1, 8, 64];
const TURN: Duration = Duration::from_secs(1);

/// A server, what it is asked, and what came of it.
struct Side {
    server: Server,
    request: Vec<u8>,
    rates: Samples,
    /// Processor time of the server for each request, in microseconds.
    work: Samples,
}

impl Side {
    fn new(server: Server, tool: &str, arguments: serde_json::Value) -> Self {
        let request = tool_call(&server.address, &server.key, tool, arguments);
        let side = Self { server, request, rates: Samples::default(), work: Samples::default() };
        // Once before it counts: the first call of a key runs argon2id and binds its agent.
        rate(&side.server.address, 64, TURN, &side.request);
        side
    }

    fn turn(&mut self, connections: usize) {
        let before = self.server.processor_time();
        let rate = rate(&self.server.address, connections, TURN, &self.request);
        self.rates.add(rate);
        if let Some((before, after)) = before.zip(self.server.processor_time()) {
            self.work.add((after - before) * 1e6 / (rate * TURN.as_secs_f64()));
        }
    }
}

pub fn measure(table: &mut Table, product: &Product, rounds: usize) {
    let mut ours = Side::new(Server::product(product), "whoami", json!({}));
    let mut bare = Side::new(Server::echo(), "echo", json!({ "text": "hello" }));
    for count in CONNECTIONS {
        for _ in 0..rounds {
            ours.turn(count);
            bare.turn(count);
        }
        let on = format!("{count} connection{}", if count == 1 { "" } else { "s" });
        table.line(&format!("calls: whoami, {on}"), &ours.rates, "requests/s", "");
        table.line(&format!("calls: bare echo, {on}"), &bare.rates, "requests/s", "");
        let ratio = ours.rates.by(&bare.rates);
        table.line(&format!("calls: whoami by echo, {on}"), &ratio, "×", "at least 0.5");
        if !ours.work.is_empty() {
            table.line(&format!("calls: work of whoami, {on}"), &ours.work, "µs", "");
            table.line(&format!("calls: work of echo, {on}"), &bare.work, "µs", "");
        }
        for side in [&mut ours, &mut bare] {
            side.rates = Samples::default();
            side.work = Samples::default();
        }
    }
}
