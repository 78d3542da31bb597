use memoranda::identity::key::ApiKey;
use reqwest::Method;
use serde_json::{Value, json};

use super::{activated, of_agent, post};
use crate::support::{Caller, Reply};

const BOUNDARY: &str = "heron-7f3a";

/// Uploads a file as a form.
async fn upload(agent: &Caller, name: &str, bytes: &[u8]) -> Reply {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    let end = format!("\r\n--{BOUNDARY}--\r\n");
    let body = [head.as_bytes(), bytes, end.as_bytes()].concat();
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let request = agent.request(Method::POST, &of_agent("upload-file"));
    Reply::of(request.header("content-type", kind).body(body).send().await.expect("an answer"))
        .await
}

/// All memories of the agent, by their place.
async fn kept(agent: &Caller) -> Vec<Value> {
    let listed = agent.ok("memory_list", json!({ "limit": 1000 })).await;
    let mut memories = listed["memories"].as_array().cloned().unwrap_or_default();
    memories.sort_by_key(|memory| memory["position"].as_i64());
    memories
}

#[tokio::test]
async fn a_document_is_kept_part_by_part_each_with_its_place() {
    let (_app, agent) = activated().await;
    let text = "# Runbook\nRead this first.\n## Queue\nRestart it with queuectl.\n";

    let reply = upload(&agent, "run book.md", text.as_bytes()).await;

    assert_eq!((reply.status, &reply.body["status"]), (200, &json!("uploaded")), "{}", reply.body);
    assert_eq!(reply.body["file_name"], "run book.md");
    assert_eq!(
        (&reply.body["file_size"], &reply.body["memories"]),
        (&json!(text.len()), &json!(2))
    );
    assert!(reply.body["message"].is_string() && reply.body["session_id"].is_string());
    let memories = kept(&agent).await;
    let second = &memories[1];
    assert_eq!(memories.len(), 2);
    assert_eq!(second["content"], "## Queue\nRestart it with queuectl.");
    assert_eq!(
        (&second["title"], &second["thread"]),
        (&json!("Runbook › Queue"), &json!("run book.md"))
    );
    assert_eq!((&second["source"], &second["position"]), (&json!("upload"), &json!(1)));
    assert_eq!(second["source_ref"], "run book.md#lines 3-4");
    assert_eq!(second["provenance"], "imported");
    let found = post(&agent, &of_agent("recall"), json!({ "query": "queuectl" })).await;
    assert_eq!(found.body["memories"][0]["content"], second["content"], "{}", found.body);
}

#[tokio::test]
async fn tables_and_lists_of_more_than_one_unit_are_kept_whole() {
    let (_app, agent) = activated().await;
    let rows: Vec<String> = (1..=230).map(|row| format!("Boat {row},berth {row}\n")).collect();

    let table =
        upload(&agent, "boats.csv", format!("name,place\n{}", rows.concat()).as_bytes()).await;
    let list =
        upload(&agent, "notes.json", br#"["Tea is hot.", {"content": "Milk is cold."}]"#).await;

    assert_eq!((&table.body["memories"], &list.body["memories"]), (&json!(230), &json!(2)));
    let memories = kept(&agent).await;
    assert_eq!(memories.len(), 232);
    let row = memories.iter().find(|memory| memory["position"] == 229).expect("the last row");
    assert_eq!(row["content"], "name: Boat 230\nplace: berth 230");
    assert_eq!(row["source_ref"], "boats.csv#row 231");
}

#[tokio::test]
async fn what_can_not_be_taken_is_refused_and_nothing_of_it_is_kept() {
    let (app, agent) = activated().await;
    let mut late = b"fine, ".repeat(300);
    late.extend_from_slice(b"\xff");
    let key = ApiKey::generate();
    let secret =
        format!("Tea.\n\n{}\n\nThe key is {}.", "Milk. ".repeat(200), key.whole().expose());
    let too_large = b"z ".repeat(3 * 1024 * 1024);

    for (name, bytes, status, word) in [
        ("slides.pdf", &b"%PDF"[..], 400, ".txt, .md, .csv, .json"),
        ("none", b"text", 400, ".txt"),
        ("late.txt", &late, 400, "byte 1800"),
        ("table.csv", b"a,b\n1,\"2", 400, "row 2"),
        ("list.json", b"[1,", 400, "line 1"),
        ("empty.txt", b" \n", 400, "must hold something"),
        ("secret.txt", secret.as_bytes(), 400, "secret"),
        ("large.txt", &too_large, 413, "over 4 MiB"),
    ] {
        let reply = upload(&agent, name, bytes).await;

        assert_eq!(reply.status, status, "{name}: {}", reply.body);
        let message = reply.body["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(word), "{name}: {message}");
        assert!(!reply.body.to_string().contains(key.whole().expose()), "{name}");
        assert_eq!(kept(&agent).await.len(), 0, "{name}");
    }
    let large = upload(&agent, "large.txt", &too_large).await;
    assert_eq!(large.body["error"]["details"]["reason"], "file_too_large");
    let json = post(&agent, &of_agent("upload-file"), json!({ "file": "x" })).await;
    assert_eq!((json.status, json.code()), (400, "INVALID_ARGUMENT"));
    let anonymous = upload(&app.anonymous(), "a.txt", b"Tea.").await;
    let by_key = upload(&app.owner, "a.txt", b"Tea.").await;
    assert_eq!((anonymous.status, by_key.status), (401, 401));
}

#[tokio::test]
async fn a_day_is_summed_up() {
    let (app, agent) = activated().await;
    for (content, kind) in [
        ("We decided to deploy on Fridays.", "decision"),
        ("The staging port is 8443.", "fact"),
        ("The old chat is closed.", "fact"),
    ] {
        let memory = json!({ "content": content, "type": kind });
        post(&agent, &of_agent("remember"), memory).await;
    }
    let ids = kept(&agent).await;
    let old =
        ids.iter().find(|memory| memory["content"] == "The old chat is closed.").expect("kept");
    agent.ok("forget", json!({ "id": old["id"] })).await;
    app.owner.ok("remember", json!({ "content": "Somebody else's." })).await;

    let day = post(&agent, &of_agent("daily-summary"), json!({ "output_path": "/tmp/x" })).await;
    let by_date = post(&agent, &of_agent("daily-summary"), json!({ "date": "2026-11-22" })).await;
    let before = post(&agent, &of_agent("daily-summary"), json!({ "date": "2026-11-20" })).await;
    let wrong = post(&agent, &of_agent("daily-summary"), json!({ "date": "../../etc" })).await;

    let body = &day.body;
    assert_eq!((day.status, &body["date"]), (200, &json!("2026-11-22")), "{body}");
    assert_eq!(
        (&body["summary"]["status"], &body["summary"]["sessions_count"]),
        (&json!("success"), &json!(1))
    );
    assert_eq!(body["summary"]["counts"]["created"], 3);
    assert_eq!(body["summary"]["counts"]["forgotten"], 1);
    assert_eq!(body["summary"]["decisions"][0]["text"], "We decided to deploy on Fridays.");
    let markdown = body["summary"]["markdown"].as_str().expect("text");
    assert!(markdown.starts_with("# 2026-11-22\n\n3 new, 1 forgotten\n"), "{markdown}");
    assert!(!markdown.contains("Somebody") && !markdown.contains("old chat"), "{markdown}");
    assert_eq!(body["export"]["total_memories"], 3);
    assert_eq!(body["export"]["per_type_counts"], json!({ "decision": 1, "fact": 2 }));
    assert_eq!(by_date.body["summary"]["counts"], body["summary"]["counts"]);
    assert_eq!(before.body["summary"]["status"], "no_sessions");
    assert_eq!((wrong.status, wrong.code()), (400, "INVALID_ARGUMENT"));
    assert_eq!(wrong.body["error"]["message"], "Invalid summary identifier");
}
