//! Durable `remember` beside one row committed: how long one client waits, and how many a second
//! many clients get.

use std::time::{Duration, Instant};

use memoranda::cli::compose::House;
use memoranda::core::secret::Secret;
use memoranda::ops;
use serde_json::{Value, json};

use super::bare::Rows;
use super::client::{Client, one_thread, rate, tool_call};
use super::figures::{Samples, Table};
use super::scratch;
use super::servers::{Product, Server};

/// How many of each are timed in a turn.
const PER_TURN: usize = 100;
const CLIENTS: usize = 64;
const TURN: Duration = Duration::from_secs(2);

/// What is remembered, and what the bare row holds.
const CONTENT: &str = "The nightly export of the billing service writes to the archive bucket at \
                       02:30 UTC and is checked by the finance team before nine.";

fn memory() -> Value {
    json!({ "content": CONTENT, "type": "fact", "tags": ["billing", "export"] })
}

/// One after the other: the bare row, the same operation within this process, over HTTP, and an
/// echo over HTTP, so that what the transport and the hand-overs take can be told apart.
pub fn one_client(table: &mut Table, product: &Product, rounds: usize) {
    let (product, echo) = (Server::product(product), Server::echo());
    let remember = tool_call(&product.address, &product.key, "remember", memory());
    let hello = tool_call(&echo.address, &echo.key, "echo", json!({ "text": CONTENT }));
    let folder = scratch();
    let rows = Rows::open(folder.path());
    let near = Near::open();
    let runtime = one_thread();
    let mut medians: [Samples; 4] = Default::default();
    let mut work = Samples::default();
    runtime.block_on(async {
        let mut ours = Client::connect(&product.address).await;
        let mut bare = Client::connect(&echo.address).await;
        ours.call(&remember).await;
        bare.call(&hello).await;
        for _ in 0..rounds {
            let mut turn: [Samples; 4] = Default::default();
            let before = product.processor_time();
            for _ in 0..PER_TURN {
                turn[0].add(rows.commit(CONTENT).as_secs_f64() * 1e6);
                turn[1].add(near.remember().as_secs_f64() * 1e6);
                turn[2].add(timed(&mut ours, &remember).await);
                turn[3].add(timed(&mut bare, &hello).await);
            }
            for (all, turn) in medians.iter_mut().zip(&turn) {
                all.add(turn.median());
            }
            if let Some((before, after)) = before.zip(product.processor_time()) {
                work.add((after - before) * 1e6 / PER_TURN as f64);
            }
        }
    });
    let [row, near, ours, bare] = &medians;
    table.line("durable: one row, bare", row, "µs", "");
    table.line("durable: echo over HTTP, nothing kept", bare, "µs", "");
    table.line("durable: remember, within the process", near, "µs", "");
    table.line("durable: remember, over HTTP", ours, "µs", "");
    if !work.is_empty() {
        table.line("durable: work of remember over HTTP", &work, "µs", "");
    }
    table.line("durable: within the process by one row", near.by(row), "×", "");
    table.line("durable: over HTTP by one row", ours.by(row), "×", "at most 1.5");
    table.line("durable: over HTTP by one row and one echo", ours.by(&row.and(bare)), "×", "");
}

/// Many clients at once, beside one that commits rows one after the other.
pub fn many_clients(table: &mut Table, product: &Product, rounds: usize) {
    let product = Server::product(product);
    let remember = tool_call(&product.address, &product.key, "remember", memory());
    let folder = scratch();
    let rows = Rows::open(folder.path());
    rate(&product.address, CLIENTS, TURN, &remember);
    let (mut bare, mut ours) = (Samples::default(), Samples::default());
    for _ in 0..rounds {
        bare.add(rows.rate(CONTENT, TURN));
        ours.add(rate(&product.address, CLIENTS, TURN, &remember));
    }
    table.line("together: rows one by one, bare", &bare, "commits/s", "");
    table.line(&format!("together: remember, {CLIENTS} clients"), &ours, "memories/s", "");
    table.line("together: remember by bare rows", ours.by(&bare), "×", "at least 8");
}

async fn timed(client: &mut Client, request: &[u8]) -> f64 {
    let began = Instant::now();
    client.call(request).await;
    began.elapsed().as_secs_f64() * 1e6
}

/// The product within this process, on a runtime of its own as in `serve`.
struct Near {
    runtime: tokio::runtime::Runtime,
    house: House,
    principal: memoranda::auth::Principal,
    _folder: tempfile::TempDir,
}

impl Near {
    fn open() -> Self {
        let folder = scratch();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let house = House::open(folder.path()).expect("opens");
        let principal = runtime.block_on(async {
            let key = house.set_up("local", true).await.expect("sets up").expect("a key");
            let secret = Secret::new(key.whole().expose().to_owned());
            house.auth.key(&secret, None).await.expect("signs in")
        });
        Self { runtime, house, principal, _folder: folder }
    }

    fn remember(&self) -> Duration {
        let entry = ops::find("remember").expect("the catalogue holds it");
        let app = &self.house.app;
        let (arguments, request) = (memory(), app.request_id());
        let call = ops::call(app, &self.principal, entry, arguments, request);
        // The caller's own runtime waits meanwhile: this must not run inside of it.
        std::thread::scope(|scope| {
            let running = scope.spawn(|| {
                let began = Instant::now();
                self.runtime.block_on(call).expect("remembers");
                began.elapsed()
            });
            running.join().expect("it ends well")
        })
    }
}
