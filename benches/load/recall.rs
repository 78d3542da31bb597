//! Recall with the model beside recall by words alone, over one database, and what each holds in memory.
//!
//! The counterpart of both is a listing: a call that looks for nothing. A question that nobody asked
//! before is embedded; one that is asked again isn't.

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::time::Instant;

use serde_json::{Value, json};

use super::client::{Asked, Client, one_thread, tool_call};
use super::figures::{Samples, Table};
use super::scratch;
use super::servers::{Product, Server};

/// How many calls one client times in a turn: what the system counts of processor time is coarse.
const PER_TURN: usize = 100;

const WHO: [&str; 6] = ["Ana", "Ben", "Eve", "Ida", "Max", "Zoe"];
const DID: [&str; 10] = [
    "fixed",
    "moved",
    "cancelled",
    "painted",
    "visited",
    "described",
    "measured",
    "bought",
    "borrowed",
    "tested",
];
const WHAT: [&str; 30] = [
    "invoice", "harbour", "garden", "server", "database", "meeting", "budget", "holiday", "train",
    "bicycle", "recipe", "contract", "ticket", "release", "coffee", "kitchen", "window", "concert",
    "flight", "lesson", "piano", "river", "mountain", "weather", "project", "printer", "battery",
    "ladder", "guitar", "parcel",
];

/// A sentence of sixteen words that is like no other.
fn sentence(number: usize) -> String {
    let mut state = number as u64 + 1;
    let mut pick = |from: &[&'static str]| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        from[usize::try_from(state >> 33).unwrap_or(0) % from.len()]
    };
    format!(
        "{} {} the {} near the {} because the {} was {} by {} in {}.",
        pick(&WHO),
        pick(&DID),
        pick(&WHAT),
        pick(&WHAT),
        pick(&WHAT),
        pick(&DID),
        pick(&WHO),
        number
    )
}

fn question(number: usize) -> String {
    format!(
        "What did {} say about the {} and the {} in {number}?",
        WHO[number % WHO.len()],
        WHAT[number % WHAT.len()],
        WHAT[(number / 7) % WHAT.len()]
    )
}

/// What is measured: its name, the tool, its arguments by a number, and the most milliseconds.
type Kind = (&'static str, &'static str, Box<dyn Fn(usize) -> Value>, &'static str);

struct Side {
    name: &'static str,
    server: Server,
}

/// What one side took in a turn, a call.
#[derive(Default)]
struct Taken {
    /// Milliseconds that the client waited.
    waits: Samples,
    /// Milliseconds of processor time of the server.
    work: Samples,
}

impl Side {
    fn turn(&self, taken: &mut Taken, asked: &Asked) {
        let mut waits = Samples::default();
        one_thread().block_on(async {
            let mut client = Client::connect(&self.server.address).await;
            client.call(&asked.next()).await;
            let before = self.server.processor_time();
            for _ in 0..PER_TURN {
                let request = asked.next();
                let began = Instant::now();
                client.call(&request).await;
                waits.add(began.elapsed().as_secs_f64() * 1e3);
            }
            if let Some((before, after)) = before.zip(self.server.processor_time()) {
                taken.work.add((after - before) * 1e3 / PER_TURN as f64);
            }
        });
        taken.waits.add(waits.median());
    }

    fn asking(&self, tool: &'static str, made: impl Fn() -> Value + 'static) -> Asked {
        let (address, key) = (self.server.address.clone(), self.server.key.clone());
        Asked::new(&self.server.address, move || tool_call(&address, &key, tool, made()))
    }

    fn memory(&self, table: &mut Table, when: &str) {
        let Some((own, file)) = self.server.memory() else { return };
        let line = format!("recall: memory {when}, {}", self.name);
        table.line(&line, format!("{own:.1} of its own, {file:.1} of files"), "MiB", "");
    }
}

pub fn measure(table: &mut Table, product: &Product, sizes: &[usize], rounds: usize) {
    for size in sizes {
        of_size(table, product, *size, rounds);
    }
}

fn of_size(table: &mut Table, product: &Product, size: usize, rounds: usize) {
    let folder = scratch();
    let key = product.initialise(folder.path());
    fill(product, folder.path(), &key, size);
    let served = |name, flags: &[&str]| Side {
        name,
        server: Server::with(product, folder.path(), None, &key, flags),
    };
    let sides = [served("with the model", &[]), served("words alone", &["--no-model"])];
    for side in &sides {
        side.turn(&mut Taken::default(), &side.asking("recall", || json!({})));
        side.memory(table, &format!("among {size} before a question"));
    }
    let next = Rc::new(Cell::new(size));
    let number = move || next.replace(next.get() + 1);
    let kinds: [Kind; 4] = [
        ("a new question", "recall", Box::new(|number| json!({ "query": question(number) })), "8"),
        ("a question again", "recall", Box::new(|_| json!({ "query": question(1) })), ""),
        ("a listing", "recall", Box::new(|_| json!({})), ""),
        ("remember", "remember", Box::new(|number| json!({ "content": sentence(number) })), "8"),
    ];
    let mut listing: [Samples; 2] = Default::default();
    for (what, tool, made, target) in kinds.into_iter().rev() {
        let made: Rc<dyn Fn(usize) -> Value> = Rc::from(made);
        let mut taken: [Taken; 2] = Default::default();
        for _ in 0..rounds {
            for (side, taken) in sides.iter().zip(&mut taken) {
                let (made, number) = (Rc::clone(&made), number.clone());
                side.turn(taken, &side.asking(tool, move || made(number())));
            }
        }
        let what = format!("recall: {what} among {size}");
        for (side, taken) in sides.iter().zip(&taken) {
            let target = if target.is_empty() || size > 10_000 {
                String::new()
            } else {
                format!("at most {target}")
            };
            table.line(&format!("{what}, {}", side.name), &taken.waits, "ms", &target);
            if !taken.work.is_empty() {
                table.line(&format!("{what}, work, {}", side.name), &taken.work, "ms", "");
            }
        }
        let [with, without] = &taken;
        table.line(&format!("{what}, model by words"), with.waits.by(&without.waits), "×", "");
        if what.contains("listing") {
            listing = taken.map(|taken| taken.waits);
        } else if tool == "recall" {
            let ratio = with.waits.by(&listing[0]);
            table.line(&format!("{what}, by a listing"), ratio, "×", "");
        }
    }
    for side in &sides {
        side.memory(table, &format!("among {size} after all of it"));
    }
}

/// Has a server remember so many turns of conversations, in which names come again and again, and waits
/// until all have their vectors. What is remembered afterwards is none: beside how many of those a
/// name stands in must not count.
fn fill(product: &Product, folder: &Path, key: &str, size: usize) {
    let server = Server::over(product, folder, None, key);
    one_thread().block_on(async {
        let mut client = Client::connect(&server.address).await;
        for first in (0..size).step_by(100) {
            let item = |number: usize| {
                let (thread, position) = (format!("t{}", number / 40), number % 40);
                json!({ "content": sentence(number), "thread": thread, "position": position })
            };
            let items: Vec<Value> = (first..size.min(first + 100)).map(item).collect();
            let arguments = json!({ "items": items });
            client.call(&tool_call(&server.address, key, "remember", arguments)).await;
        }
    });
    product.wait_for_vectors(folder);
}
