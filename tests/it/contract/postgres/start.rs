use std::io::{Read, Write};
use std::net::TcpListener;

use memoranda::core::error::Code;
use memoranda::store::postgres::Postgres;

use super::{on, open};
use crate::cluster::{Database, cluster};
use crate::contract::{conflicts, conflicts_with_nodes, pieces};

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let Some(database) = Database::new() else { return };
    open(&database).close().await;
    database.ask("INSERT INTO migrations (name) VALUES ('9999_later')");

    let refused = Postgres::open(&database.url(), None).err().expect("refused");

    assert_eq!(refused.code(), Code::Conflict);
    assert!(refused.fix().is_some());
    let names = database.ask("SELECT count(*) FROM migrations WHERE name = '9999_later'");
    assert_eq!(names, ["1"]);
}

#[tokio::test]
async fn memories_of_before_there_were_vectors_are_numbered_and_wait_for_theirs() {
    for database in [Database::new(), Database::partitioned()].into_iter().flatten() {
        let store = open(&database);
        let (ada, ids) = pieces::before(&store).await;
        store.close().await;
        for step in pieces::WITHOUT.split(';') {
            database.ask(step);
        }

        let store = open(&database);

        pieces::after(&store, &on(&store, &ada), &ids).await;
    }
}

#[tokio::test]
async fn conflicts_of_before_there_were_those_with_nodes_stay_as_they_were() {
    for database in [Database::new(), Database::partitioned()].into_iter().flatten() {
        let store = open(&database);
        let (ada, made) = conflicts_with_nodes::before(&store).await;
        store.close().await;
        for step in [
            "ALTER TABLE conflicts DROP COLUMN node_id",
            "ALTER TABLE conflicts ALTER COLUMN existing_id SET NOT NULL",
            "DELETE FROM migrations WHERE name = '0016_conflicts_with_nodes'",
        ] {
            database.ask(step);
        }

        let store = open(&database);

        conflicts_with_nodes::after(&on(&store, &ada), &made).await;
    }
}

#[tokio::test]
async fn turns_of_before_they_stood_apart_are_told_from_others() {
    for database in [Database::new(), Database::partitioned()].into_iter().flatten() {
        let store = open(&database);
        let ada = conflicts::before_turns_stood_apart(&store).await;
        store.close().await;
        database.ask(
            "UPDATE memory_words
             SET lexemes = ts_delete(lexemes, right(team_id, 4) || ' no turn')",
        );
        database.ask("DELETE FROM migrations WHERE name = '0017_turns'");

        let store = open(&database);

        conflicts::after_turns_stand_apart(&on(&store, &ada)).await;
    }
}

#[tokio::test]
async fn many_starts_at_once_make_one_schema() {
    let Some(cluster) = cluster() else { return };
    for how in ["", "?partitions=3"] {
        let database = cluster.empty_database();
        let starts: Vec<_> = (0..6)
            .map(|_| {
                let url = database.url() + how;
                std::thread::spawn(move || Postgres::open(&url, None).map(drop))
            })
            .collect();

        for start in starts {
            start.join().expect("no panic").expect("opens");
        }
        let parts = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'memories'::regclass";
        assert_eq!(database.ask(parts), [if how.is_empty() { "0" } else { "3" }]);
    }
}

#[tokio::test]
async fn every_table_of_rows_of_a_team_can_be_divided_by_team() {
    let Some(database) = Database::partitioned() else { return };

    let whole = database.ask(
        "SELECT c.relname FROM pg_class c
         WHERE c.relkind = 'r' AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
         ORDER BY c.relname",
    );
    let keys = database.ask(
        "SELECT i.indrelid::regclass || ' ' || a.attname
         FROM pg_index i
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
         JOIN pg_class c ON c.oid = i.indrelid
         WHERE c.relkind = 'p' AND i.indisunique AND a.attname <> 'team_id'",
    );

    assert_eq!(whole, ["key_teams", "migrations", "signing_keys", "teams"], "whole on every node");
    assert!(keys.is_empty(), "keys that don't begin with the team: {keys:?}");
}

#[test]
fn a_database_that_is_not_there_is_said_so() {
    let Some(database) = Database::new() else { return };
    let url = database.url() + "_other";

    let refused = Postgres::open(&url, None).err().expect("refused");

    assert_eq!(refused.code(), Code::NotFound);
}

#[test]
fn a_server_that_is_not_there_is_unavailable() {
    let folder = tempfile::tempdir().expect("a folder");
    let host = folder.path().display().to_string().replace('/', "%2F");

    let refused = Postgres::open(&format!("postgres://ada@{host}/x"), None).err().expect("refused");

    assert_eq!(refused.code(), Code::Unavailable);
}

/// What a client sends to a server that says it has no TLS.
fn sent_to_a_server_without_tls(mode: &str) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut asked = [0_u8; 8];
        stream.read_exact(&mut asked).expect("the question for TLS");
        stream.write_all(b"N").expect("written");
        let mut rest = [0_u8; 64];
        let count = stream.read(&mut rest).unwrap_or(0);
        rest[..count].to_vec()
    });
    let url = format!("postgres://ada:hunter2@127.0.0.1:{port}/x?sslmode={mode}");

    let refused = Postgres::open(&url, None).err().expect("refused");

    assert_eq!(refused.code(), Code::Unavailable, "{mode}");
    server.join().expect("no panic")
}

#[test]
fn a_url_that_asks_for_tls_says_nothing_to_a_server_without_it() {
    for mode in ["require", "verify-full"] {
        assert!(sent_to_a_server_without_tls(mode).is_empty(), "{mode}");
    }
    assert!(!sent_to_a_server_without_tls("prefer").is_empty());
}
