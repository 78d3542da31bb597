//! What the files of SQLite hold of an erased memory: nothing, once they are scrubbed. And that
//! erasing knows every table that holds anything of a memory.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use memoranda::core::id::ConflictId;
use memoranda::memory::conflict::{Conflict, ConflictKind, Finding, Severity};
use memoranda::memory::draft::Draft;
use memoranda::memory::fields::Status;
use memoranda::memory::memory::Memory;
use memoranda::memory::search::Filter;
use memoranda::store::comments::Seen;
use memoranda::store::sqlite::{FILE_NAME, Sqlite};
use memoranda::store::{Store, Traces};
use memoranda::work::comment::{Comment, CommentKind, Subject};
use rusqlite::Connection;

use super::team::{ALL, Caller, Team, at, draft};

/// In every text that is to be erased, and stays itself when words are cut.
const MARK: &str = "quokkazanzibar";

/// In what stays.
const OTHER: &str = "wombatmadagascar";

fn open(folder: &Path) -> Store {
    Store::new(Sqlite::open(folder).expect("opens"))
}

/// Whether any file of the database holds a text.
fn holds(folder: &Path, text: &str) -> bool {
    let entries = std::fs::read_dir(folder).expect("lists");
    entries.map(|entry| std::fs::read(entry.expect("an entry").path()).expect("reads")).any(
        |bytes| {
            bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
        },
    )
}

fn version(memory: &Memory, content: &str) -> Memory {
    let statement = draft(content).applied_to(&memory.statement, at(0)).expect("a statement");
    memory.next(statement, Status::Active, at(1))
}

/// A memory whose mark stands in every field that can hold one, in versions short and long, among
/// others.
async fn marked(who: &Caller) -> Memory {
    let mark = || Some(MARK.to_owned());
    let whole = Draft {
        title: mark(),
        tags: Some(vec![MARK.to_owned()]),
        source: mark(),
        source_ref: mark(),
        thread: mark(),
        speaker: mark(),
        ..draft(&format!("A {MARK} said this."))
    };
    let mut memory = who.remember(whole).await;
    for round in 0..5 {
        for _ in 0..20 {
            who.remember(draft(&format!("A {OTHER} says more, {round}. {}", "x".repeat(500))))
                .await;
        }
        // Longer than a page, so that pages of their own come and go.
        let content = format!("{round} {}", format!("{MARK} ").repeat(600 - 100 * round));
        memory = version(&memory, content.trim_end());
        assert!(who.change(memory.clone()).await.expect("changes"));
    }
    comment(who, Subject::Memory(memory.id), MARK).await;
    let other = who.remember(draft("Something else.")).await;
    let conflict = conflict(who, &other, &memory).await;
    comment(who, Subject::Conflict(conflict), MARK).await;
    comment(who, Subject::Memory(other.id), OTHER).await;
    memory
}

/// Says something about one thing.
async fn comment(who: &Caller, about: Subject, content: &str) {
    let comment = Comment {
        id: who.next_id(),
        about,
        kind: CommentKind::Comment,
        content: content.to_owned(),
        next_step: Some(content.to_owned()),
        fence: None,
        author: None,
        created_at: at(1),
    };
    let added = who.write(move |tx, permit| {
        let seen = Seen::look(tx, permit, about)?.expect("it is seen");
        tx.add_comment(permit, seen, &comment)
    });
    added.await.expect("added");
}

/// Opens a conflict between two memories.
async fn conflict(who: &Caller, existing: &Memory, newer: &Memory) -> ConflictId {
    let finding =
        Finding { kind: ConflictKind::Contradiction, severity: Severity::Low, signals: Vec::new() };
    let conflict = Conflict::new(who.next_id(), finding, existing, newer, at(1));
    let id = conflict.id;
    let opened = who.write(move |tx, permit| tx.open_conflict(permit, &conflict));
    assert!(opened.await.expect("answers"));
    id
}

async fn erase(who: &Caller, memory: &Memory) {
    let id = memory.id;
    let erased =
        who.write(move |tx, permit| tx.erase_memory(permit.oversight()?, id, at(2), "request"));
    assert!(erased.await.expect("answers"));
}

#[tokio::test]
async fn the_files_hold_nothing_of_an_erased_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let ada = Team::new(&store, "north").await.agent("ada").await;
    let memory = marked(&ada).await;
    assert!(holds(folder.path(), MARK) && holds(folder.path(), OTHER));

    erase(&ada, &memory).await;
    let traces = store.scrub().await.expect("scrubs");

    assert_eq!(traces, Traces::None);
    assert!(!holds(folder.path(), MARK));
    assert!(holds(folder.path(), OTHER));
    assert_eq!(ada.found(OTHER, &Filter::default(), ALL).await.len(), 100);
    assert!(ada.found(MARK, &Filter::default(), ALL).await.is_empty());
}

#[tokio::test]
async fn what_was_not_scrubbed_in_time_is_scrubbed_after_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let ada = {
        let store = open(folder.path());
        let ada = Team::new(&store, "north").await.agent("ada").await;
        let memory = marked(&ada).await;
        erase(&ada, &memory).await;
        store.close().await;
        ada.principal
    };
    assert!(holds(folder.path(), MARK), "closing alone doesn't rid the files of it");

    let store = open(folder.path());
    store.scrub().await.expect("scrubs");

    assert!(!holds(folder.path(), MARK));
    let ada = Caller::new(&store, &Arc::default(), ada);
    assert_eq!(ada.found(OTHER, &Filter::default(), ALL).await.len(), 100);
}

#[tokio::test]
async fn a_scrub_waits_for_a_reader_in_another_process_and_is_done_later() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let ada = Team::new(&store, "north").await.agent("ada").await;
    let memory = marked(&ada).await;
    let beside = Connection::open(folder.path().join(FILE_NAME)).expect("opens");
    beside.execute_batch("BEGIN; SELECT count(*) FROM memories;").expect("reads");
    erase(&ada, &memory).await;

    let refused = store.scrub().await;
    beside.execute_batch("ROLLBACK").expect("ends");
    let done = store.scrub().await;

    assert!(refused.is_err(), "the reader still sees what was there");
    assert_eq!(done.ok(), Some(Traces::None));
    assert!(!holds(folder.path(), MARK));
}

#[tokio::test]
async fn where_nothing_was_erased_the_file_is_not_written_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let ada = Team::new(&store, "north").await.agent("ada").await;
    ada.remember(draft("apple")).await;
    let log = folder.path().join(format!("{FILE_NAME}-wal"));
    let before = std::fs::metadata(&log).expect("there").len();

    store.scrub().await.expect("answers");

    assert!(before > 0);
    assert_eq!(std::fs::metadata(&log).expect("there").len(), before);
}

/// The tables that erasing empties of a memory, by the statements that it really runs.
fn emptied(folder: &Path) -> BTreeSet<String> {
    let source = Path::new(crate::sources::ROOT).join("src/store/erasures.rs");
    let source = std::fs::read_to_string(source).expect("reads");
    let list = source.split("const HOLDERS").nth(1).expect("the list");
    let list = list.split(';').next().expect("its end");
    let pair = regex::Regex::new(r#"\("(\w+)", "(\w+)"\)"#).expect("a pattern");
    let mut found: BTreeSet<String> =
        pair.captures_iter(list).map(|pair| format!("{}.{}", &pair[1], &pair[2])).collect();
    assert!(!found.is_empty(), "{}", folder.display());
    // Each engine does these itself.
    found.extend(["memories.memory_id", "memory_words.memory_id"].map(str::to_owned));
    found
}

#[tokio::test]
async fn erasing_knows_every_table_that_holds_anything_of_a_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    open(folder.path()).close().await;
    let database = Connection::open(folder.path().join(FILE_NAME)).expect("opens");
    let sql = "SELECT t.name || '.' || c.name
               FROM sqlite_master t JOIN pragma_table_info(t.name) c
               WHERE t.type = 'table' AND c.type = 'TEXT' AND c.name LIKE '%memory%'
                 AND c.name <> 'memory_type'
               UNION
               SELECT t.name || '.' || f.\"from\"
               FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) f
               WHERE t.type = 'table' AND f.\"table\" = 'memories' AND f.\"from\" <> 'team_id'";
    let mut statement = database.prepare(sql).expect("prepares");
    let named = statement.query_map([], |row| row.get(0)).expect("runs");
    let mut named: BTreeSet<String> = named.collect::<Result<_, _>>().expect("reads");

    // What is left on purpose: that it was erased, and that every index has to let go of it.
    assert!(named.remove("erasures.memory_id") && named.remove("memory_removals.memory_id"));
    let known = emptied(folder.path());
    let unknown: Vec<&String> = named.difference(&known).collect();

    assert!(
        unknown.is_empty(),
        "put these into HOLDERS of src/store/erasures.rs, or say here why they may stay: {unknown:?}"
    );
}
