//! A small load program: what a call costs, beside the least it could cost.
//!
//! The one idea: a figure alone says more of the machine than of the program, so everything is
//! measured beside a *bare* counterpart in the same run, in alternating turns, and what counts is
//! the ratio of the two. Bare is, for a start, a process that does nothing; for a call, an MCP
//! server over the same SDK with one tool that echoes; for a durable write, one row committed to
//! SQLite with the same pragmas on the same file system. Client, product and bare server are three
//! processes, so none shares a runtime with another; the client's own work counts on both sides.
//!
//! ```text
//! cargo bench --bench load                    all of it, about two minutes
//! cargo bench --bench load -- start calls     only these: start, calls, durable, together, recall,
//!                                             engines, replicas
//! cargo bench --bench load -- --rounds 3      fewer turns than the usual seven
//! cargo bench --bench load -- --product FILE  another build's binary, to compare with this one's
//! cargo bench --bench load -- engines --sizes 10000,100000 --postgres postgres://me@host
//! cargo bench --bench load -- engines --keep FOLDER       fill once: a later run copies what is there
//! cargo bench --bench load -- engines replicas --quick
//! cargo bench --bench load -- recall --sizes 10000
//! ```
//!
//! `recall`, `engines` and `replicas` are measured where they are named: filling takes minutes. The
//! last two need a PostgreSQL: the one of
//! `--postgres`, where this user may make databases, or one of its own if `initdb` is found. There
//! SQLite and PostgreSQL are one another's counterpart, and one server that of several.
//!
//! Nothing fails on a slow machine: it prints a table and writes nothing but scratch folders, which
//! lie under the target folder because a file system in memory would make an fsync free.
//!
//! Next: `servers.rs` for the processes, `client.rs` for the client, `figures.rs` for the table;
//! then `start.rs`, `calls.rs` and `writes.rs`, one for each kind of figure.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints its figures")]

mod bare;
mod calls;
mod client;
mod cluster;
mod engines;
mod figures;
mod recall;
mod servers;
mod start;
mod writes;

use figures::Table;
use servers::Product;
use tempfile::TempDir;

/// What there is to measure, in this order.
const KINDS: [&str; 7] = ["start", "calls", "durable", "together", "recall", "engines", "replicas"];

/// How many memories there are when recall and both engines are measured.
const SIZES: [usize; 2] = [10_000, 100_000];

/// How many turns each side gets unless told otherwise.
const ROUNDS: usize = 7;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [role, address] = &arguments[..]
        && role == bare::ROLE
    {
        return bare::serve(address);
    }
    let value = |flag: &str| {
        let at = arguments.iter().position(|word| word == flag)?;
        arguments.get(at + 1)
    };
    let rounds = value("--rounds").and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let product = value("--product").map_or(env!("CARGO_BIN_EXE_memoranda"), String::as_str);
    let product = Product(product.into());
    let is_chosen = |name: &&str| arguments.iter().any(|word| word == name);
    let chosen: Vec<&str> = KINDS.into_iter().filter(is_chosen).collect();
    let wants = |name: &str| chosen.is_empty() || chosen.contains(&name);

    let mut table = Table::default();
    if wants("start") {
        eprintln!("start: from spawning to the first answers over stdio");
        start::measure(&mut table, &product);
    }
    if wants("calls") {
        eprintln!("calls: whoami beside an echo");
        calls::measure(&mut table, &product, rounds);
    }
    if wants("durable") {
        eprintln!("durable: one client's remember beside one row");
        writes::one_client(&mut table, &product, rounds);
    }
    if wants("together") {
        eprintln!("together: 64 clients that remember beside one that commits");
        writes::many_clients(&mut table, &product, rounds);
    }
    let is_quick = arguments.iter().any(|word| word == "--quick");
    let rounds = if is_quick { 1 } else { rounds };
    let sizes: Vec<usize> = match value("--sizes") {
        Some(text) => text.split(',').filter_map(|size| size.parse().ok()).collect(),
        None if is_quick => vec![200],
        None => SIZES.to_vec(),
    };
    if chosen.contains(&"recall") {
        eprintln!("recall: with the model beside words alone");
        recall::measure(&mut table, &product, &sizes, rounds);
    }
    if ["engines", "replicas"].iter().any(|name| chosen.contains(name)) {
        let cluster = cluster::Cluster::find(value("--postgres"));
        let cluster = cluster.expect("a PostgreSQL: name one with --postgres, or install initdb");
        if chosen.contains(&"engines") {
            eprintln!("engines: SQLite beside PostgreSQL");
            let kept = value("--keep").map(std::path::Path::new);
            engines::sizes(&mut table, &product, &cluster, &sizes, rounds, kept);
        }
        if chosen.contains(&"replicas") {
            eprintln!("replicas: one to four servers on one PostgreSQL");
            let size = sizes.first().copied().unwrap_or(SIZES[0]);
            engines::replicas(&mut table, &product, &cluster, size, rounds);
        }
    }
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("{table}\n{cores} cores; median (least to most) of alternating turns");
}

/// A folder on the file system of the build, gone when dropped.
fn scratch() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("the target folder can be written")
}
