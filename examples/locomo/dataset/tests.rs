use serde_json::json;

use super::*;

fn file(conversation: Value, qa: Value) -> String {
    json!([{ "sample_id": "talk-1", "conversation": conversation, "qa": qa }]).to_string()
}

fn two_turns() -> Value {
    json!({
        "speaker_a": "Ada",
        "session_2": [{ "speaker": "Ben", "dia_id": "D2:1", "text": "Look!", "blip_caption": "a kite" }],
        "session_2_date_time": "9:05 am on 3 June, 2024",
        "session_1": [{ "speaker": "Ada", "dia_id": "D1:1", "text": "I moved to Oslo." }],
        "session_1_date_time": "12:30 am on 1 June, 2024",
        "session_3_date_time": "5:00 pm on 9 June, 2024",
    })
}

fn refusal(text: &str) -> String {
    parsed(text).expect_err("refused").message
}

#[test]
fn a_date_of_a_session_becomes_iso_8601() {
    for (given, expected) in [
        ("1:56 pm on 8 May, 2023", "2023-05-08T13:56:00Z"),
        ("12:40 am on 27 March, 2022", "2022-03-27T00:40:00Z"),
        ("12:09 PM on 13 September, 2023", "2023-09-13T12:09:00Z"),
        (" 8 May, 2023 ", "2023-05-08T00:00:00Z"),
        ("2023-05-08", "2023-05-08T00:00:00Z"),
        ("2023-05-08T13:56:00Z", "2023-05-08T13:56:00Z"),
    ] {
        assert_eq!(iso_8601(given).as_deref(), Some(expected), "{given}");
    }
}

#[test]
fn what_is_no_date_is_none() {
    for given in ["", "yesterday", "13:56 pm on 8 May, 2023", "1:56 pm on 31 June, 2023"] {
        assert_eq!(iso_8601(given), None, "{given}");
    }
}

#[test]
fn evidence_is_one_spelling_each_once_and_only_what_exists() {
    let known = ["D8:6", "D9:17", "D11:26", "D30:5"];
    let known: HashMap<String, &str> = known.map(|id| (normal_id(id), id)).into();
    let turns = |given: &[&str]| {
        let given: Vec<String> = given.iter().map(|&id| id.to_owned()).collect();
        evidence_turns(&given, &known)
    };

    assert_eq!(turns(&["D8:6; D9:17"]), ["D8:6", "D9:17"]);
    assert_eq!(turns(&["D9:17 D8:6", "D8:6"]), ["D9:17", "D8:6"]);
    assert_eq!(turns(&["D:11:26", "D30:05"]), ["D11:26", "D30:5"]);
    assert!(turns(&["D", "", "D4:36"]).is_empty());
}

#[test]
fn turns_come_in_the_order_of_the_sessions_with_their_place_and_time() {
    let all = parsed(&file(two_turns(), json!([]))).expect("a conversation");

    let turns = &all[0].turns;
    assert_eq!(turns.len(), 2);
    assert_eq!(turns[0].thread, "talk-1/session_1");
    assert_eq!(turns[0].occurred_at.as_deref(), Some("2024-06-01T00:30:00Z"));
    assert_eq!((turns[1].speaker.as_str(), turns[1].position), ("Ben", 0));
    assert_eq!(turns[1].content, "Look! [shares a photo: a kite]");
}

#[test]
fn questions_without_answer_or_evidence_are_left_out() {
    let qa = json!([
        { "question": "Where does Ada live?", "category": 4, "evidence": ["D1:1"] },
        { "question": "Where does Ben live?", "category": 5, "evidence": ["D1:1"] },
        { "question": "Does Ada like snow?", "category": 3, "evidence": [] },
        { "question": "When did Ben fly?", "category": 2, "evidence": ["D7:7"] },
    ]);

    let all = parsed(&file(two_turns(), qa)).expect("a conversation");

    assert_eq!(all[0].questions.len(), 1);
    assert_eq!(all[0].questions[0].category, Category::SingleHop);
    assert_eq!(all[0].left_out, 2);
}

#[test]
fn a_picture_without_words_is_remembered_and_nothing_is_not() {
    assert_eq!(content(" ", Some("a kite")), "[shares a photo: a kite]");
    assert_eq!(content(" ", Some(" ")), "");
}

#[test]
fn what_is_not_like_locomo_is_named() {
    let undated = json!({
        "session_1": [{ "speaker": "Ada", "dia_id": "D1:1", "text": "Hello" }],
        "session_1_date_time": "soon",
    });
    let speechless = json!({ "session_1": [{ "dia_id": "D1:1", "text": "Hello" }] });
    for (text, named) in [
        ("{}".to_owned(), "list"),
        ("[]".to_owned(), "empty"),
        (r#"[{ "id": 1 }]"#.to_owned(), "`sample_id`"),
        (file(json!({}), json!([])), "`session_1`"),
        (file(undated, json!([])), "`session_1_date_time`"),
        (file(speechless, json!([])), "`speaker`"),
    ] {
        assert!(refusal(&text).contains(named), "{}", refusal(&text));
    }
}
