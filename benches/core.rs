//! What the parts of a call cost, one at a time, without a network.
//!
//! The figures are of this machine at this moment; compare two of one run, or two runs by
//! Criterion's own baselines (`--save-baseline`, `--baseline`). What matters to a user is in
//! `load/main.rs`.
//!
//! ```text
//! cargo bench --bench core                        all of them
//! cargo bench --bench core -- recall              those with `recall` in their name
//! ```

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use memoranda::auth::Principal;
use memoranda::cli::compose::House;
use memoranda::core::secret::Secret;
use memoranda::core::text::words;
use memoranda::identity::guard::{Guard, Policy};
use memoranda::identity::key::ApiKey;
use memoranda::ops::{self, decode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// How many memories one call may bring.
const BATCH: usize = 100;

/// A call as agents make it.
fn typical() -> Value {
    json!({
        "content": "The nightly export of the billing service writes to the archive bucket at \
                    02:30 UTC and is checked by the finance team before nine.",
        "title": "When the billing export runs",
        "type": "fact",
        "tags": ["billing", "export"],
        "confidence": 0.9,
        "source": "runbook",
        "source_ref": "docs/runbooks/billing.md",
    })
}

/// A text of so many characters: prose with identifiers, addresses and numbers in it.
fn prose(chars: usize) -> String {
    let sentence = "We moved `SessionStore::open_shared` to crates/store in commit 9f1c2ab4 because \
                    the pool at db-3.example.org:5432 was exhausted at 14:07; see ticket OPS-1182. ";
    sentence.chars().cycle().take(chars).collect()
}

fn guard(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("guard");
    let guard = Guard::new();
    let long = json!({ "content": prose(10_000) });
    for (name, arguments) in [("typical call", typical()), ("10,000 characters", long)] {
        group.bench_function(name, |bencher| {
            bencher.iter_batched_ref(
                || arguments.clone(),
                |arguments| guard.check(black_box(arguments), Policy::Reject).expect("clean"),
                BatchSize::SmallInput,
            );
        });
    }
    group.sample_size(20);
    group.bench_function("made anew", |bencher| bencher.iter(Guard::new));
    group.finish();
}

fn text(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("words");
    for chars in [150, 10_000] {
        let text = prose(chars);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::new("document", chars), &text, |bencher, text| {
            bencher.iter(|| words::document(black_box(text)));
        });
    }
    let question = "when does the nightly billing export run, and who checks SessionStore?";
    group.throughput(Throughput::Bytes(question.len() as u64));
    group.bench_function("query", |bencher| bencher.iter(|| words::query(black_box(question))));
    group.finish();
}

fn identity(criterion: &mut Criterion) {
    let key = ApiKey::generate();
    criterion.bench_function("key: parse and checksum", |bencher| {
        bencher.iter(|| ApiKey::parse(black_box(key.whole().expose())));
    });
    let (house, entry) = (Kept::empty(), ops::find("remember").expect("the catalogue holds it"));
    criterion.bench_function("permit", |bencher| {
        let requirement = entry.spec.requirement();
        bencher.iter(|| black_box(&house.principal).permit(black_box(&requirement)));
    });
    criterion.bench_function("decode: check of remember", |bencher| {
        let schema = entry.input();
        bencher.iter_batched_ref(
            typical,
            |arguments| decode::check(schema, black_box(arguments)).expect("valid"),
            BatchSize::SmallInput,
        );
    });
}

fn operations(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("call");
    group.measurement_time(Duration::from_secs(5)).sample_size(50);
    for count in [0, 1_000, 10_000] {
        let kept = Kept::with(count);
        group.bench_function(BenchmarkId::new("whoami", count), |bencher| {
            bencher.iter(|| kept.call("whoami", json!({})));
        });
        if count == 0 {
            continue;
        }
        for (name, query) in [
            ("recall, one rare word", "timoru"),
            ("recall, a question", "when does the billing export of the archive run?"),
        ] {
            let arguments = json!({ "query": query });
            assert_ne!(kept.call("recall", arguments.clone())["count"], 0);
            group.bench_function(BenchmarkId::new(name, count), |bencher| {
                bencher.iter(|| kept.call("recall", arguments.clone()));
            });
        }
    }
    group.finish();
}

/// The product over a database of its own, called as its surfaces call it.
struct Kept {
    runtime: Runtime,
    house: House,
    principal: Principal,
    _folder: TempDir,
}

impl Kept {
    fn empty() -> Self {
        // Not in memory, where an fsync would be free.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
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

    fn with(count: usize) -> Self {
        let kept = Self::empty();
        let memories: Vec<Value> = (0..count).map(memory).collect();
        for batch in memories.chunks(BATCH) {
            kept.call("remember", json!({ "items": batch }));
        }
        kept
    }

    fn call(&self, name: &str, arguments: Value) -> Value {
        let app = &self.house.app;
        let entry = ops::find(name).expect("the catalogue holds it");
        let call = ops::call(app, &self.principal, entry, arguments, app.request_id());
        self.runtime.block_on(call).expect("an operation that may be done")
    }
}

/// One of many: its words differ in how common they are, as words do.
fn memory(number: usize) -> Value {
    const WHAT: [&str; 10] = [
        "billing",
        "search",
        "archive",
        "ledger",
        "gateway",
        "mailer",
        "indexer",
        "importer",
        "scheduler",
        "console",
    ];
    const DOES: [&str; 7] =
        ["exports", "restarts", "retries", "migrates", "reports", "throttles", "rotates"];
    // Three of them make one of 512 names, each in one memory of as many.
    const PARTS: [&str; 8] = ["ba", "ke", "ti", "mo", "ru", "san", "vel", "dor"];
    let pick = |words: &[&'static str], by: usize| words[number / by % words.len()];
    let content = format!(
        "The {} service {} its {} at {:02}:{:02}, agreed in OPS-{number}; owner is team-{}, \
         depends on {}{}{}.",
        pick(&WHAT, 1),
        pick(&DOES, 3),
        pick(&WHAT, 11),
        number % 24,
        number * 7 % 60,
        number % 31,
        pick(&PARTS, 1),
        pick(&PARTS, 8),
        pick(&PARTS, 64),
    );
    json!({ "content": content, "type": "fact", "tags": [pick(&WHAT, 1)] })
}

criterion_group!(benches, guard, text, identity, operations);
criterion_main!(benches);
