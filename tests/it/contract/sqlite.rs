//! What is true of SQLite alone: its files, and that several processes may hold them.

use std::path::Path;
use std::sync::{Arc, mpsc};

use futures_util::future::join_all;
use memoranda::core::error::{Code, Result};
use memoranda::memory::search::Filter;
use memoranda::store::Store;
use memoranda::store::sqlite::{FILE_NAME, Sqlite};
use rusqlite::Connection;

use super::changes::{act, heard_until};
use super::team::{ALL, Caller, Team, at, draft};
use super::{conflicts, conflicts_with_nodes, pieces};

fn open(folder: &Path) -> Store {
    Store::new(Sqlite::open(folder).expect("opens"))
}

/// The same caller, on another store.
fn on(store: &Store, caller: &Caller) -> Caller {
    Caller::new(store, &Arc::default(), caller.principal.clone())
}

/// A connection beside the engine's own.
fn beside(folder: &Path) -> Connection {
    Connection::open(folder.join(FILE_NAME)).expect("opens")
}

#[tokio::test]
async fn what_was_answered_is_in_the_files_though_nothing_was_closed() {
    let (folder, copy) = (tempfile::tempdir().expect("a"), tempfile::tempdir().expect("b"));
    let store = open(folder.path());
    let ada = Team::new(&store, "north").await.agent("ada").await;
    let memories = join_all((0..50).map(|_| ada.remember(draft("apple")))).await;

    // As a machine that lost its power leaves them.
    for entry in std::fs::read_dir(folder.path()).expect("lists") {
        let entry = entry.expect("an entry");
        if !entry.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(entry.path(), copy.path().join(entry.file_name())).expect("copies");
        }
    }

    let reopened = on(&open(copy.path()), &ada);
    assert_eq!(reopened.found("apple", &Filter::default(), ALL).await.len(), memories.len());
}

#[tokio::test]
async fn a_folder_opens_again_with_all_that_was_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ada, memory) = {
        let store = open(folder.path());
        let ada = Team::new(&store, "north").await.agent("ada").await;
        let memory = ada.remember(draft("apple")).await;
        (ada.principal.clone(), memory)
    };

    let store = open(folder.path());
    let ada = Caller::new(&store, &Arc::default(), ada);

    assert_eq!(ada.get(memory.id).await, Some(memory));
}

#[tokio::test]
async fn closing_lets_the_waiting_units_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let ada = Team::new(&store, "north").await.agent("ada").await;
    let ((begun, wait_begun), (go_on, wait)) = (mpsc::channel(), mpsc::channel());
    let slow = tokio::spawn({
        let ada = ada.clone();
        async move {
            let answer = ada.write(move |_, _| {
                begun.send(()).expect("the test waits");
                wait.recv().expect("the test goes on");
                Ok(())
            });
            answer.await
        }
    });
    tokio::task::spawn_blocking(move || wait_begun.recv()).await.expect("runs").expect("begun");

    let waiting = join_all((0..20).map(|_| ada.add(ada.memory(draft("apple")))));
    let close = async {
        go_on.send(()).expect("the unit waits");
        store.close().await;
    };
    let (answers, ()) = tokio::join!(waiting, close);

    assert!(slow.await.expect("runs").is_ok());
    let answers: Result<Vec<_>> = answers.into_iter().collect();
    let mut kept = answers.expect("they were in the queue");
    let mut found = on(&open(folder.path()), &ada).newest(&Filter::default(), ALL).await;
    kept.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, kept);
}

#[tokio::test]
async fn two_processes_write_to_one_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (open(folder.path()), open(folder.path()));
    let here = Team::new(&one, "north").await.agent("ada").await;
    let there = on(&two, &here);

    let writers = (0..60).map(|number| {
        let caller = if number % 2 == 0 { here.clone() } else { there.clone() };
        let (memory, event) = (caller.memory(draft("apple")), caller.event("x"));
        async move {
            let answer = caller.write(move |tx, permit| {
                tx.add_memory(permit, &memory, &memory.words())?;
                tx.record(permit, &event)
            });
            answer.await
        }
    });
    let answers: Result<Vec<()>> = join_all(writers).await.into_iter().collect();

    assert!(answers.is_ok());
    for caller in [here, there] {
        assert_eq!(caller.found("apple", &Filter::default(), ALL).await.len(), 60);
        let chain = caller.read(|tx, permit| tx.chain(permit, 0, ALL)).await.expect("reads");
        let events = chain.iter().map(|(event, hash)| (event, *hash));
        assert_eq!(memoranda::identity::chain::first_break(events), None);
        assert_eq!(chain.len(), 60);
    }
}

#[tokio::test]
async fn a_unit_that_waits_behind_the_revocation_of_its_key_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let team = Team::new(&store, "north").await;
    let (ada, owner) = (team.agent("ada").await, team.owner());
    let key = ada.key_id();

    // Sent in this order and run in one group.
    let (revoked, written) = tokio::join!(
        owner.write(move |tx, permit| tx.revoke_key(permit, key, at(1))),
        ada.add(ada.memory(draft("apple"))),
    );

    assert_eq!(revoked.ok(), Some(true));
    assert_eq!(written.expect_err("refused").code(), Code::InvalidApiKey);
    assert_eq!(owner.count().await, 0);
}

#[tokio::test]
async fn a_deactivated_key_reads_and_writes_nothing_until_it_is_activated() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let ada = Team::new(&store, "north").await.agent("ada").await;
    let set_active = |is_active: bool| {
        let changed = beside(folder.path()).execute("UPDATE keys SET is_active = ?1", [is_active]);
        assert_eq!(changed.ok(), Some(1));
    };

    set_active(false);
    let write = ada.add(ada.memory(draft("apple"))).await.expect_err("refused");
    let read = ada.read(|_, _| Ok(())).await.expect_err("refused");
    set_active(true);

    assert_eq!([write.code(), read.code()], [Code::InvalidApiKey; 2]);
    assert_eq!(ada.count().await, 0, "it reads again, and nothing was kept");
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    open(folder.path()).close().await;
    let newer = beside(folder.path());
    newer.execute("INSERT INTO migrations (name) VALUES ('9999_later')", []).expect("added");

    let refused = Sqlite::open(folder.path()).err().expect("refused");

    assert_eq!(refused.code(), Code::Conflict);
    assert!(refused.fix().is_some());
    let names: i64 = newer
        .query_row("SELECT count(*) FROM migrations WHERE name = '9999_later'", [], |row| {
            row.get(0)
        })
        .expect("reads");
    assert_eq!(names, 1);
}

#[tokio::test]
async fn many_starts_at_once_make_one_schema() {
    let folder = tempfile::tempdir().expect("a folder");
    let starts: Vec<_> = (0..6)
        .map(|_| {
            let path = folder.path().to_owned();
            std::thread::spawn(move || Sqlite::open(&path).map(drop))
        })
        .collect();

    for start in starts {
        start.join().expect("no panic").expect("opens");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let outer = tempfile::tempdir().expect("a folder");
    let folder = outer.path().join("data");
    let store = open(&folder);
    Team::new(&store, "north").await.agent("ada").await.remember(draft("apple")).await;

    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o077;

    assert_eq!(mode(&folder), 0);
    for entry in std::fs::read_dir(&folder).expect("lists") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0, "{}", path.display());
    }
}

#[tokio::test]
async fn memories_of_before_there_were_vectors_are_numbered_and_wait_for_theirs() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let (ada, ids) = pieces::before(&store).await;
    store.close().await;
    beside(folder.path()).execute_batch(pieces::WITHOUT).expect("made older");

    let store = open(folder.path());

    pieces::after(&store, &on(&store, &ada), &ids).await;
}

/// Makes a schema what it was before conflicts with nodes.
const WITHOUT_NODES: &str = concat!(
    "DROP INDEX conflicts_by_pair; DROP INDEX conflicts_by_existing; DROP INDEX conflicts_by_node;
     DROP INDEX conflicts_by_newer; DROP INDEX conflicts_by_status;
     ALTER TABLE conflicts RENAME TO later;",
    include_str!("../../../src/store/sqlite/migrations/0008_conflicts.sql"),
    "INSERT INTO conflicts SELECT
         team_id, conflict_id, existing_id, newer_id, existing_version, newer_version, kind,
         severity, signals, status, pair, opened_at, resolution, content, rationale, reason,
         agent_id, member_id, decided_at
     FROM later;
     DROP TABLE later;
     DELETE FROM migrations WHERE name = '0016_conflicts_with_nodes'"
);

#[tokio::test]
async fn conflicts_of_before_there_were_those_with_nodes_stay_as_they_were() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let (ada, made) = conflicts_with_nodes::before(&store).await;
    store.close().await;
    beside(folder.path()).execute_batch(WITHOUT_NODES).expect("made older");

    let store = open(folder.path());

    conflicts_with_nodes::after(&on(&store, &ada), &made).await;
}

#[tokio::test]
async fn of_two_processes_one_opens_a_conflict_and_one_settles_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (open(folder.path()), open(folder.path()));
    let team = Team::new(&one, "north").await;
    let (ada, bo) = (team.agent("ada").await, team.agent("bo").await);

    conflicts_with_nodes::one_of_two_wins(&ada, &on(&two, &bo)).await;
}

#[tokio::test]
async fn turns_of_before_they_stood_apart_are_moved_with_their_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let ada = conflicts::before_turns_stood_apart(&store).await;
    store.close().await;
    let raw = beside(folder.path());
    raw.execute_batch(
        "INSERT INTO memory_words (rowid, title, labels, content)
             SELECT entry + 4611686018427388004, '', '',
                    CASE content WHEN '!' THEN '' ELSE 'green appl' END
             FROM memories WHERE entry < 0;
         DELETE FROM memory_words WHERE rowid IN (SELECT entry FROM memories WHERE entry < 0);
         UPDATE memories SET entry = entry + 4611686018427388004 WHERE entry < 0;
         DELETE FROM migrations WHERE name = '0017_turns'",
    )
    .expect("made older");

    let store = open(folder.path());

    conflicts::after_turns_stand_apart(&on(&store, &ada)).await;
    let below = "SELECT count(*) FROM memories m JOIN memory_words_docsize d ON d.id = m.entry
                 WHERE m.entry < 0";
    assert_eq!(raw.query_row(below, [], |row| row.get::<_, i64>(0)).ok(), Some(2));
}

#[tokio::test]
async fn each_of_two_processes_follows_what_both_write() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (open(folder.path()), open(folder.path()));
    let ada = Team::new(&one, "north").await.agent("ada").await;

    pieces::each_follows_both(ada.clone(), on(&two, &ada)).await;
}

#[tokio::test]
async fn what_another_process_writes_is_heard() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (open(folder.path()), open(folder.path()));
    let here = Team::new(&one, "north").await.agent("ada").await;
    let there = on(&two, &here);
    let mut changes = one.changes(&here.permit());

    for sequence in 1..5 {
        act(&there).await;

        heard_until(&mut changes, sequence).await;
    }
}
