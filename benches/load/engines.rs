//! Both engines beside one another, as memories grow; and one to four servers on one PostgreSQL.
//!
//! SQLite is filled by a server and moved to PostgreSQL, so both hold the same. Then each is asked the
//! same, in alternating turns.

use std::cell::Cell;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::{Asked, Client, load, one_thread, tool_call};
use super::cluster::Cluster;
use super::figures::{Samples, Table};
use super::scratch;
use super::servers::{Product, Server};

/// How many calls one client times in a turn.
const PER_TURN: usize = 30;
const TURN: Duration = Duration::from_secs(2);
/// Clients that ask at once.
const CLIENTS: usize = 16;
/// Servers on one database.
const SERVERS: [usize; 3] = [1, 2, 4];

/// What is recalled: words of most memories, of some, and of one.
const QUERIES: [(&str, &str); 3] = [
    ("common words", "the team checks the export"),
    ("usual words", "harbour lantern ledger"),
    ("a rare word", "note 77"),
];

const COMMON: [&str; 12] = [
    "the", "team", "checks", "every", "export", "before", "and", "after", "release", "of", "week",
    "plan",
];
const USUAL: [&str; 24] = [
    "harbour", "lantern", "ledger", "billing", "archive", "compiler", "garden", "window", "salary",
    "customer", "vector", "replica", "schedule", "invoice", "winter", "library", "border",
    "signal", "kettle", "contract", "bridge", "mirror", "canvas", "engine",
];

/// A memory that is like no other: a number of its own, common words, and some that a few share.
fn memory(number: usize) -> Value {
    let mut content = format!("Note {number}:");
    let mut state = number as u64 + 1;
    for at in 0..22 {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let random = usize::try_from(state >> 33).unwrap_or(0);
        let word =
            if at % 3 == 2 { USUAL[random % USUAL.len()] } else { COMMON[random % COMMON.len()] };
        let _ = write!(content, " {word}");
    }
    json!({ "content": content, "type": "fact", "tags": [USUAL[number % USUAL.len()]] })
}

/// What is to be asked of a side.
type Asking<'a> = Box<dyn Fn(&Side) -> Asked + 'a>;

/// An engine with a server on it.
struct Side {
    name: &'static str,
    server: Server,
}

impl Side {
    fn recall(&self, query: &str) -> Vec<u8> {
        let arguments = json!({ "query": query, "limit": 10 });
        tool_call(&self.server.address, &self.server.key, "recall", arguments)
    }

    /// Memories that nobody has remembered yet, one a call.
    fn remember(&self, next: &Rc<Cell<usize>>) -> Asked {
        let (address, key) = (self.server.address.clone(), self.server.key.clone());
        let next = Rc::clone(next);
        let made = move || {
            next.set(next.get() + 1);
            tool_call(&address, &key, "remember", memory(next.get()))
        };
        Asked::new(&self.server.address, made)
    }

    fn fixed(&self, query: &str) -> Asked {
        let request = self.recall(query);
        Asked::new(&self.server.address, move || request.clone())
    }

    /// Microseconds that one client waits, for each of some calls.
    fn waits(&self, asked: &Asked) -> Samples {
        let mut samples = Samples::default();
        one_thread().block_on(async {
            let mut client = Client::connect(&self.server.address).await;
            client.call(&asked.next()).await;
            for _ in 0..PER_TURN {
                let request = asked.next();
                let began = Instant::now();
                client.call(&request).await;
                samples.add(began.elapsed().as_secs_f64() * 1e6);
            }
        });
        samples
    }
}

/// Both engines at some sizes.
pub fn sizes(
    table: &mut Table,
    product: &Product,
    cluster: &Cluster,
    sizes: &[usize],
    rounds: usize,
    kept: Option<&Path>,
) {
    for size in sizes {
        let (folder, key) = filled(table, product, *size, kept);
        let url = cluster.database();
        let rate = moved(product, folder.path(), &url);
        table.line(
            &format!("engines: moving {size} to PostgreSQL"),
            format!("{rate:.0}"),
            "rows/s",
            "",
        );
        let both = [
            Side { name: "SQLite", server: Server::over(product, folder.path(), None, &key) },
            Side {
                name: "PostgreSQL",
                server: Server::over(product, folder.path(), Some(&url), &key),
            },
        ];
        let next = Rc::new(Cell::new(size * 2));
        for (what, query) in QUERIES {
            let what = format!("recall of {what} among {size}");
            compared(table, &what, &both, rounds, |side| side.fixed(query));
        }
        let what = format!("remember among {size}");
        compared(table, &what, &both, rounds, |side| side.remember(&next));
    }
}

/// One thing asked of both: how long one client waits, and how many a second are answered.
fn compared(
    table: &mut Table,
    what: &str,
    sides: &[Side; 2],
    rounds: usize,
    asked: impl Fn(&Side) -> Asked,
) {
    let (mut waits, mut rates): ([Samples; 2], [Samples; 2]) = Default::default();
    for _ in 0..rounds {
        for (at, side) in sides.iter().enumerate() {
            waits[at].add(side.waits(&asked(side)).median());
            rates[at].add(load(&[asked(side)], CLIENTS, TURN).rate);
        }
    }
    for (at, side) in sides.iter().enumerate() {
        table.line(&format!("engines: {what}, one client, {}", side.name), &waits[at], "µs", "");
        let line = format!("engines: {what}, {CLIENTS} clients, {}", side.name);
        table.line(&line, &rates[at], "requests/s", "");
    }
    let line = format!("engines: {what}, wait on PostgreSQL by SQLite");
    table.line(&line, waits[1].by(&waits[0]), "×", "");
    let line = format!("engines: {what}, rate on PostgreSQL by SQLite");
    table.line(&line, rates[1].by(&rates[0]), "×", "");
}

/// One to four servers on one database.
pub fn replicas(
    table: &mut Table,
    product: &Product,
    cluster: &Cluster,
    size: usize,
    rounds: usize,
) {
    let (folder, url) = (scratch(), cluster.database());
    let key = product.initialise_on(folder.path(), &url);
    let next = Rc::new(Cell::new(size * 2));
    let all: Vec<Side> = (0..*SERVERS.last().expect("some"))
        .map(|_| Server::over(product, folder.path(), Some(&url), &key))
        .map(|server| Side { name: "PostgreSQL", server })
        .collect();
    fill(&all[0].server, size);
    let kinds: [(&str, Asking<'_>); 3] = [
        (
            "whoami",
            Box::new(|side| {
                let request =
                    tool_call(&side.server.address, &side.server.key, "whoami", json!({}));
                Asked::new(&side.server.address, move || request.clone())
            }),
        ),
        ("recall", Box::new(|side| side.fixed(QUERIES[1].1))),
        ("remember", Box::new(|side| side.remember(&next))),
    ];
    for (what, asked) in kinds {
        let mut rates: [Samples; 3] = Default::default();
        let mut waits: [[Samples; 2]; 3] = Default::default();
        for _ in 0..rounds {
            for (at, count) in SERVERS.into_iter().enumerate() {
                let asked: Vec<Asked> = all[..count].iter().map(&asked).collect();
                let answered = load(&asked, CLIENTS * 2, TURN);
                rates[at].add(answered.rate);
                waits[at][0].add(answered.waits.median());
                waits[at][1].add(answered.waits.at(99));
            }
        }
        for (at, count) in SERVERS.into_iter().enumerate() {
            let on = format!("replicas: {what}, {count} of them");
            table.line(&on, &rates[at], "requests/s", "");
            table.line(&format!("{on}, the median waits"), &waits[at][0], "µs", "");
            table.line(&format!("{on}, 99 in 100 wait at most"), &waits[at][1], "µs", "");
            if at > 0 {
                table.line(&format!("{on}, by one"), rates[at].by(&rates[0]), "×", "");
            }
        }
    }
}

/// A folder with so many memories and all their vectors, and its owner's key. It is a copy of what an
/// earlier run has left in `kept`, or is made anew and left there.
fn filled(
    table: &mut Table,
    product: &Product,
    size: usize,
    kept: Option<&Path>,
) -> (TempDir, String) {
    let folder = scratch();
    let at = kept.map(|kept| (kept.join(size.to_string()), kept.join(format!("{size}.key"))));
    if let Some((left, key)) = &at
        && let Ok(key) = std::fs::read_to_string(key)
    {
        copy(left, folder.path());
        return (folder, key);
    }
    let key = product.initialise(folder.path());
    let server = Server::over(product, folder.path(), None, &key);
    let rate = fill(&server, size);
    let line = format!("engines: filling with {size}, SQLite");
    table.line(&line, format!("{rate:.0}"), "memories/s", "");
    product.wait_for_vectors(folder.path());
    drop(server);
    if let Some((left, file)) = at {
        copy(folder.path(), &left);
        std::fs::write(file, &key).expect("the folder can be written");
    }
    (folder, key)
}

/// Copies the files of a folder.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder can be written");
    for entry in std::fs::read_dir(from).expect("the folder can be read") {
        let file = entry.expect("the folder can be read");
        if file.path().is_file() {
            std::fs::copy(file.path(), to.join(file.file_name())).expect("a file can be copied");
        }
    }
}

/// Has a server remember so many; gives how many a second.
fn fill(server: &Server, size: usize) -> f64 {
    let began = Instant::now();
    one_thread().block_on(async {
        let mut client = Client::connect(&server.address).await;
        for first in (0..size).step_by(100) {
            let items: Vec<Value> = (first..size.min(first + 100)).map(memory).collect();
            let arguments = json!({ "items": items });
            client.call(&tool_call(&server.address, &server.key, "remember", arguments)).await;
        }
    });
    size as f64 / began.elapsed().as_secs_f64()
}

/// Moves a folder's database to another; gives how many rows a second, reading and comparing included.
fn moved(product: &Product, folder: &Path, url: &str) -> f64 {
    let began = Instant::now();
    let mut command = product.command(folder);
    command.args(["migrate", "--quiet", "--json", "--to", url]).stderr(Stdio::inherit());
    let output = command.output().expect("the product runs");
    let answer: Value = serde_json::from_slice(&output.stdout).expect("it answers in JSON");
    answer["rows"].as_f64().expect("a number") / began.elapsed().as_secs_f64()
}
