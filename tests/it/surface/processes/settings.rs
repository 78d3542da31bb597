//! Limits, as they are set: by file, variable and flag.

use reqwest::Method;
use serde_json::json;

use super::{Home, Served};

/// How many calls in a row are answered before one isn't.
async fn answered(served: &Served, key: &str) -> usize {
    let caller = served.caller(key);
    for number in 0..50 {
        match caller.rest(Method::GET, "/v1/whoami", None).await.status {
            200 => {}
            429 => return number,
            other => panic!("{other}"),
        }
    }
    50
}

#[tokio::test]
async fn a_limit_is_set_by_file_and_variable_and_flag_and_the_later_wins() {
    let home = Home::new();
    let key = home.init();
    let file = home.data().join("config.toml");
    // So slowly that nothing comes back while the test runs.
    std::fs::write(&file, "[limits]\nrequests-per-second = 1\nrequest-burst = 3\n")
        .expect("written");
    let start = |variable: Option<&str>, flags: &[&str]| {
        let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.args(flags).env("MEMORANDA_CONFIG", &file);
        if let Some(burst) = variable {
            command.env("MEMORANDA_REQUEST_BURST", burst);
        }
        Served::from(command)
    };

    for (served, least) in [
        (start(None, &[]), 3),
        (start(Some("6"), &[]), 6),
        (start(Some("6"), &["--request-burst", "9"]), 9),
        (start(Some("6"), &["--requests-per-second", "off"]), 50),
    ] {
        let answered = answered(&served, &key).await;
        served.stop();

        // One or two may have come back on a slow machine.
        assert!((least..least + 3).contains(&answered), "{answered}, not {least}");
    }
}

#[test]
fn a_limit_that_is_none_is_refused_by_its_name() {
    let home = Home::new();

    for (flags, name) in [
        (["--request-burst", "many"], "request-burst"),
        (["--connections", "0"], "connections"),
        (["--body-bytes", "4 MiB"], "body-bytes"),
        (["--trusted-proxies", "proxy.example.org"], "trusted-proxies"),
    ] {
        let refused = home.run(&[&["serve", "--listen", "127.0.0.1:0"], &flags[..]].concat());

        refused.refused(64, "INVALID_ARGUMENT");
        assert!(refused.err.contains(&format!("`{name}` must ")), "{}", refused.err);
        assert!(!home.data().exists(), "nothing was made");
    }
}

#[test]
fn help_names_every_limit_that_the_file_may_hold() {
    let home = Home::new();
    let (serve, config) = (home.run(&["serve", "--help"]).out, home.run(&["config"]).out);
    let lines = memoranda::config::LimitLines::default();

    let lines = serde_json::to_value(lines).expect("serializes");
    for name in lines.as_object().expect("lines").keys() {
        assert!(serve.contains(&format!("--{name} <NUMBER>")), "{name}: {serve}");
        assert!(config.contains(&format!("  {name} ")), "{name}: {config}");
    }
    assert_ne!(lines, json!({}));
}
