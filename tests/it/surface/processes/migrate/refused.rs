use super::{Ended, Home, beside, count};
use crate::cluster::cluster;

fn remembering(text: &str) -> Home {
    let home = Home::new();
    home.init();
    home.run(&["remember", text, "--tags", "drink", "--json"]).json();
    home
}

#[test]
fn a_target_that_holds_something_is_refused_and_stays_as_it_is() {
    let Some(cluster) = cluster() else { return };
    let (home, other, database) = (remembering("Tea."), remembering("Milk."), cluster.database());
    home.run(&["init", "--database", &database.url()]);

    for (to, place) in [(other.place(), None), (database.url(), Some(&database))] {
        for more in [&["--quiet"][..], &["--quiet", "--restart"]] {
            home.moved(&home.place(), &to, more).refused(65, "CONFLICT");
        }
        assert_eq!(count(&to, place, "teams"), 1);
    }
    let milk = other.run(&["recall", "milk", "--json"]).json();
    assert_eq!(milk["count"], 1, "it is still used");
}

#[test]
fn a_database_is_not_moved_to_itself() {
    let Some(cluster) = cluster() else { return };
    let (home, database) = (remembering("Tea."), cluster.empty_database());
    home.run(&["init", "--database", &database.url()]);
    let file = format!("{}/memoranda.db", home.place());
    let same = database.url() + "?application_name=other";

    for (from, to) in [(home.place(), file), (database.url(), same)] {
        for more in [&["--quiet"][..], &["--verify"], &["--dry-run"]] {
            home.moved(&from, &to, more).refused(64, "INVALID_ARGUMENT");
        }
    }
}

#[test]
fn what_cannot_be_reached_is_said_and_no_password_is_repeated() {
    let home = remembering("Tea.");
    let nowhere = home.other("nowhere");
    let empty = home.other("empty");
    std::fs::create_dir(super::folder(&empty)).expect("made");
    for (from, to, exit, code) in [
        (home.place(), "postgres://ada:hunter2@127.0.0.1:1/x", 75, "UNAVAILABLE"),
        ("postgres://ada:hunter2@127.0.0.1:1/x".to_owned(), &*nowhere, 75, "UNAVAILABLE"),
        (home.place(), "mysql://ada:hunter2@127.0.0.1/x", 64, "INVALID_ARGUMENT"),
        (home.place(), "postgres://ada:hunter2@127.0.0.1:notaport/x", 64, "INVALID_ARGUMENT"),
        (home.other("none"), &*nowhere, 66, "NOT_FOUND"),
        (empty, &*nowhere, 66, "NOT_FOUND"),
    ] {
        let ended = home.moved(&from, to, &["--quiet", "--log", "debug"]);

        ended.refused(exit, code);
        assert!(!ended.err.contains("hunter2"), "{}", ended.err);
    }
    assert!(!home.0.path().join("nowhere").exists(), "nothing was made");
    let mut command =
        home.moving(&home.place(), "postgres://ada@127.0.0.1:1/x", &["--log", "debug"]);
    let ended = Ended::of(command.env("PGPASSWORD", "hunter2").output().expect("runs"));
    ended.refused(75, "UNAVAILABLE");
    assert!(ended.err.contains("the target can't be reached"), "{}", ended.err);
    assert!(!ended.err.contains("hunter2"), "{}", ended.err);
}

#[test]
fn a_source_of_another_version_is_refused() {
    let home = remembering("Tea.");
    for (change, word) in [
        ("INSERT INTO migrations (name) VALUES ('9999_later')", "newer"),
        ("DELETE FROM migrations WHERE name > '0005'", "older"),
        ("INSERT INTO migrations (name) VALUES ('~moving')", "unfinished"),
    ] {
        home.beside().execute(change, []).expect("changed");

        let ended = home.moved(&home.place(), &home.other("to"), &["--quiet"]);

        ended.refused(65, "CONFLICT");
        assert!(ended.err.contains(word), "{}", ended.err);
    }
}

#[test]
fn a_damaged_copy_is_found() {
    let Some(cluster) = cluster() else { return };
    let (home, database) = (remembering("Tea."), cluster.empty_database());
    let copy = home.other("copy");
    home.moved(&home.place(), &database.url(), &["--json"]).json();
    home.moved(&home.place(), &copy, &["--json"]).json();
    for (table, damage) in [
        ("memories", "UPDATE memories SET content = content || ' '"),
        ("memory_tags", "DELETE FROM memory_tags"),
        ("keys", "UPDATE keys SET last_used_at = 1"),
        ("activity", "UPDATE activity SET hash = '\\x00'"),
        ("members", "UPDATE members SET email = ''"),
    ] {
        assert!(database.change(damage) > 0, "{damage}");
        let sqlite = damage.replace("'\\x00'", "x'00'");
        assert!(beside(&copy).execute(&sqlite, []).expect("changed") > 0, "{damage}");

        for to in [database.url(), copy.clone()] {
            let ended = home.moved(&home.place(), &to, &["--verify"]);

            assert_eq!(ended.code, Some(65), "{}", ended.err);
            let line = ended.out.lines().find(|line| line.starts_with(table));
            assert!(line.is_some_and(|line| line.contains("differs")), "{}", ended.out);
        }
    }
    let words = "DELETE FROM memory_words";
    assert_eq!(database.change(words), 1);
    let ended = home.moved(&home.place(), &database.url(), &["--verify", "--quiet"]);
    let line = ended.out.lines().find(|line| line.starts_with("memory_words"));
    assert!(line.is_some_and(|line| line.contains("differs")), "{}", ended.out);
}

#[test]
fn a_copy_that_is_not_what_was_read_is_never_finished() {
    let Some(cluster) = cluster() else { return };
    let (home, database) = (remembering("Tea."), cluster.database());
    database.ask(
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN NEW.title := 'x'; RETURN NEW; END $$;
         CREATE TRIGGER spoils BEFORE INSERT ON memories FOR EACH ROW EXECUTE FUNCTION spoil()",
    );

    let ended = home.moved(&home.place(), &database.url(), &["--quiet"]);

    ended.refused(65, "CONFLICT");
    assert!(ended.err.contains("`memories`"), "{}", ended.err);
    home.run(&["brief", "--database", &database.url()]).refused(65, "CONFLICT");
    database.ask("DROP TRIGGER spoils ON memories");
    home.moved(&home.place(), &database.url(), &["--quiet"]).refused(65, "CONFLICT");
    home.moved(&home.place(), &database.url(), &["--restart", "--json"]).json();
    home.assert_equal(&home.place(), &database.url());
}
