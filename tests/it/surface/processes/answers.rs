//! A language model as it is set: by file, variable and flag; its key by variable alone.

use reqwest::Method;
use serde_json::json;

use super::{Home, Served};
use crate::surface::answers::composed::{Behaviour, Model};

const KEY: &str = "heron-key-of-the-model";

#[tokio::test(flavor = "multi_thread")]
async fn prose_is_asked_for_with_the_key_of_the_environment_which_is_never_shown() {
    let model = Model::start(Behaviour::Says("It starts at 03:30 [ID].")).await;
    let home = Home::new();
    let key = home.init();
    let file = home.data().join("config.toml");
    let lines = format!("[answers]\nanswer-url = \"{}\"\nanswer-model = \"other\"\n", model.url);
    std::fs::write(&file, lines).expect("written");
    home.run(&["remember", "The nightly backup starts at 03:30."]);
    let arguments =
        ["serve", "--listen", "127.0.0.1:0", "--answer-model", "heron-2", "--log", "debug"];
    let mut command = home.command(&arguments);
    command.env("MEMORANDA_CONFIG", &file).env("MEMORANDA_ANSWER_KEY", KEY);
    let served = Served::from(command);

    let question = json!({ "question": "When does the nightly backup start?" });
    let answer = served.caller(&key).rest(Method::POST, "/v1/answer", Some(question)).await.body;
    let (_, out, err) = served.stop();

    assert_eq!(answer["mode"], "composed", "{answer}");
    let (headers, body) = model.asked().remove(0);
    assert_eq!(headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(body["model"], "heron-2");
    for text in [out, err, answer.to_string()] {
        assert!(!text.contains(KEY), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_answers_as_the_server_does_and_by_itself_asks_nobody() {
    let model = Model::start(Behaviour::Says("It starts at 03:30 [ID].")).await;
    let home = Home::new();
    home.run(&["remember", "The nightly backup starts at 03:30."]);
    let arguments = ["answer", "When does the nightly backup start?", "--json"];

    let plain = home.run(&arguments).json();
    let asked = model.asked().len();
    let mut command = home.command(&arguments);
    command.env("MEMORANDA_ANSWER_URL", &model.url).env("MEMORANDA_ANSWER_MODEL", "heron-1");
    let composed = super::Ended::of(command.output().expect("the binary starts")).json();

    assert_eq!((&plain["mode"], asked), (&json!("extractive"), 0));
    assert_eq!(plain["statements"][0]["text"], "The nightly backup starts at 03:30.");
    assert_eq!(composed["mode"], "composed", "{composed}");
    assert!(!model.asked()[0].0.contains_key("authorization"));
}

#[test]
fn a_model_that_can_not_be_asked_is_refused_at_the_start() {
    let home = Home::new();

    for (flags, name) in [
        (["--answer-url", "https://ada:hunter2@host/v1"], "answer-url"),
        (["--answer-url", "http://127.0.0.1:1/v1"], "answer-model"),
        (["--answer-seconds", "soon"], "answer-seconds"),
    ] {
        let refused = home.run(&[&["serve", "--listen", "127.0.0.1:0"], &flags[..]].concat());

        assert_eq!(refused.code, Some(64), "{}", refused.err);
        assert!(refused.err.contains(&format!("`{name}` must ")), "{}", refused.err);
        assert!(!refused.err.contains("hunter2"), "{}", refused.err);
        assert!(!home.data().exists(), "nothing was made");
    }
}

#[test]
fn help_names_every_line_of_answers_that_the_file_may_hold() {
    let home = Home::new();
    let (serve, config) = (home.run(&["serve", "--help"]).out, home.run(&["config"]).out);

    let lines = serde_json::to_value(memoranda::config::AnswerLines::default());
    for name in lines.expect("serializes").as_object().expect("lines").keys() {
        assert!(serve.contains(&format!("--{name} <")), "{name}: {serve}");
        assert!(config.contains(&format!("  {name} ")), "{name}: {config}");
    }
}
