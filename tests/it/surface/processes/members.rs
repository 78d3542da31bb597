//! Passwords on the command line: read from standard input, shown nowhere.

use std::io::Write;
use std::process::Stdio;

use super::{Ended, Home, Served};

/// Runs a command with these lines on standard input.
fn with_lines(home: &Home, arguments: &[&str], lines: &str) -> Ended {
    let mut command = home.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().expect("starts");
    process.stdin.take().expect("piped").write_all(lines.as_bytes()).expect("written");
    Ended::of(process.wait_with_output().expect("ends"))
}

fn invite(home: &Home) -> String {
    let invited = ["member", "invite", "ada@example.org", "--display-name", "Ada", "--json"];
    home.run(&invited).json()["invitation"].as_str().expect("a code").to_owned()
}

#[test]
fn a_member_comes_in_and_changes_the_password_without_showing_it() {
    let home = Home::new();
    let code = invite(&home);

    let accept =
        |password: &str| with_lines(&home, &["member", "accept"], &format!("{code}\n{password}\n"));
    let (weak, came, late) =
        (accept("short"), accept("tea before dawn"), accept("tea before dawn"));
    let own = ["member", "password", "--email", "ada@example.org"];
    let wrong = with_lines(&home, &own, "a wrong guess\ncoffee at noon\n");
    let changed = with_lines(&home, &own, "tea before dawn\ncoffee at noon\n");
    let owners = with_lines(&home, &["member", "password"], "milk after dusk\n");
    let nothing = with_lines(&home, &["member", "password"], "");

    let codes = [&weak, &came, &late, &wrong, &changed, &owners, &nothing].map(|ended| ended.code);
    assert_eq!(codes, [64, 0, 66, 77, 0, 0, 64].map(Some));
    assert!(came.out.contains("ada@example.org"), "{}", came.out);
    for ended in [weak, came, late, wrong, changed, owners] {
        for secret in [code.as_str(), "before dawn", "at noon", "after dusk", "wrong guess"] {
            assert!(!ended.out.contains(secret) && !ended.err.contains(secret), "{secret}");
        }
    }
    let listed = home.run(&["member", "list", "--json"]).json();
    assert_eq!(listed["members"][1]["status"], "active");
}

#[test]
fn an_invitation_is_taken_up_on_a_server_without_a_key() {
    let home = Home::new();
    home.init();
    let code = invite(&home);
    let served = Served::start(&home);
    let own = Home::new();

    let lines = format!("{code}\ntea before dawn\n");
    let came = with_lines(&own, &["member", "accept", "--url", &served.url], &lines);
    let late = with_lines(&own, &["member", "accept", "--url", &served.url], &lines);

    assert_eq!((came.code, late.code), (Some(0), Some(66)), "{}", came.err);
    assert!(!own.data().exists(), "a server's command makes no database here");
    let (_, out, err) = served.stop();
    for secret in [code.as_str(), "before dawn"] {
        assert!(!out.contains(secret) && !err.contains(secret));
    }
}
