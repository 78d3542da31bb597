use super::{HOUR, MINUTE, Method, expired, fine, invalid, json, post, read, seen, started, token};
use crate::surface::probe::count;
use crate::surface::probe::{database, intact_chain, leaving_nothing};

#[tokio::test]
async fn activating_gives_a_session_of_six_hours_whose_token_can_be_read() {
    let (app, key) = started().await;

    let made = post(&key, "/v1/sessions", json!({ "agent_id": "scout" })).await;

    let body = &made.body;
    assert_eq!((made.status, &body["status"]), (201, &json!("active")));
    assert_eq!((&body["agent_id"], &body["pattern"]), (&json!("scout"), &json!("support")));
    assert_eq!(body["namespace"], "memanto_agent_scout");
    assert_eq!(body["started_at"], "2026-11-22T09:00:00.000Z");
    assert_eq!(body["expires_at"], "2026-11-22T15:00:00.000Z");
    assert_eq!(
        (&body["time_remaining_seconds"], &body["key_id"]),
        (&json!(21_600), &json!(key.key_id))
    );
    let (header, claims) = read(body["session_token"].as_str().expect("a token"));
    assert_eq!((&header["alg"], &header["typ"]), (&json!("HS256"), &json!("JWT")));
    for name in ["agent_id", "namespace", "session_id", "started_at", "expires_at"] {
        assert_eq!(claims[name], body[name], "{name}");
    }
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!("memoranda"), &json!("memoranda")));
    assert_eq!(claims["exp"].as_i64().map(|exp| exp * 1000), {
        let end = memoranda::core::clock::Timestamp::parse("2026-11-22T15:00:00Z", false);
        end.map(memoranda::core::clock::Timestamp::as_millis)
    });
    let event = &app.owner.team_events().await[0];
    assert_eq!(
        (&event["operation"], &event["object_id"]),
        (&json!("session_activate"), &body["session_id"])
    );
    assert!(!event.to_string().contains("eyJ"), "{event}");
}

#[tokio::test]
async fn a_session_lasts_as_long_as_was_asked() {
    let (app, key) = started().await;
    let body = json!({ "agent_id": "scout", "duration_hours": 1 });
    let made = post(&key, "/v1/sessions", body).await;
    let active = key.without_key().with_session(made.body["session_token"].as_str().expect("one"));

    app.clock.advance(HOUR - 1);
    assert_eq!(seen(&active).await, fine());
    app.clock.advance(1);
    assert_eq!(seen(&active).await, expired());

    for hours in [json!(0), json!(25), json!(-1), json!(1.5), json!("6")] {
        let body = json!({ "agent_id": "scout", "duration_hours": hours });
        let refused = leaving_nothing(&app, post(&key, "/v1/sessions", body)).await;
        assert_eq!(refused.body["error"]["details"]["fields"][0]["field"], "duration_hours");
    }
}

#[tokio::test]
async fn an_agent_that_is_missing_pending_or_blocked_is_not_activated() {
    let (app, key) = started().await;
    app.key_with("Waits", json!({ "agent": "waits" })).await;

    for (agent, status, code) in [
        ("nobody", "approved", "NOT_FOUND"),
        ("waits", "pending", "TRUST_REQUIRED"),
        ("waits", "blocked", "TRUST_REQUIRED"),
    ] {
        database(&app)
            .execute("UPDATE agents SET status = ?1 WHERE slug = 'waits'", [status])
            .expect("set");
        let refused =
            leaving_nothing(&app, post(&key, "/v1/sessions", json!({ "agent_id": agent }))).await;
        assert_eq!(refused.code(), code);
    }
}

#[tokio::test]
async fn a_key_activates_no_agent_that_is_not_its_own_to_be() {
    let (app, key) = started().await;
    let locked = app.key_with("Locked", json!({ "agent": "else" })).await;
    let others_own = format!("key-{}", key.key_id.as_deref().expect("an id"));
    let other = app.key_with("Other", json!({})).await;
    other.ok("whoami", json!({})).await;
    let active = key.activated("scout").await.without_key();

    for (caller, agent) in [(&locked, "scout"), (&other, &*others_own), (&active, "else")] {
        let act = post(caller, "/v1/sessions", json!({ "agent_id": agent }));
        let refused = leaving_nothing(&app, act).await;
        assert_eq!((refused.status, refused.code()), (403, "AGENT_KEY_CONFLICT"), "{agent}");
    }
    for (caller, agent) in
        [(&locked, "else"), (&key, &*others_own), (&active, "scout"), (&other, "else")]
    {
        assert_eq!(post(caller, "/v1/sessions", json!({ "agent_id": agent })).await.status, 201);
    }
    // Activating hasn't locked the key.
    assert_eq!(post(&other, "/v1/sessions", json!({ "agent_id": "scout" })).await.status, 201);
}

#[tokio::test]
async fn the_local_owner_has_no_key_to_make_a_session_with() {
    let (app, _) = started().await;
    let owner = app.house.auth.local_owner().await.expect("one team");
    let entry = memoranda::ops::find("session_activate").expect("an operation");

    let request = app.house.app.request_id();
    let arguments = json!({ "agent_id": "scout" });
    let refused = memoranda::ops::call(&app.house.app, &owner, entry, arguments, request).await;

    let error = refused.expect_err("refused");
    assert_eq!(error.code().as_str(), "PERMISSION_DENIED");
    assert!(error.fix().is_some_and(|fix| fix.contains("MEMORANDA_API_KEY")));
}

#[tokio::test]
async fn several_sessions_run_at_once_and_end_each_by_itself() {
    let (_app, key) = started().await;
    let one = key.activated("scout").await.without_key();
    let two = key.activated("scout").await.without_key();
    let ids = [&one, &two].map(|active| read(token(active)).1["session_id"].clone());

    let ended = post(&one, "/v1/sessions/end", json!({})).await;

    assert_ne!(ids[0], ids[1]);
    assert_eq!(
        (&ended.body["count"], &ended.body["sessions"][0]["session_id"]),
        (&json!(1), &ids[0])
    );
    assert_eq!((seen(&one).await, seen(&two).await), (invalid(), fine()));
}

#[tokio::test]
async fn ending_sums_up_and_is_for_good() {
    let (app, key) = started().await;
    let active = key.activated("scout").await;
    for content in ["Tea.", "Milk."] {
        active.ok("remember", json!({ "content": content })).await;
    }
    key.ok("remember", json!({ "content": "By the key alone." })).await;
    app.clock.advance(90 * MINUTE);

    let ended = post(&key, "/v1/sessions/end", json!({ "agent_id": "scout" })).await;
    let again = post(&key, "/v1/sessions/end", json!({ "agent_id": "scout" })).await;

    let summary = &ended.body["sessions"][0];
    assert_eq!(
        (&summary["memories_created"], &summary["duration_hours"]),
        (&json!(2), &json!(1.5))
    );
    assert_eq!(
        (&summary["agent_id"], &summary["ended_at"]),
        (&json!("scout"), &json!("2026-11-22T10:30:00.000Z"))
    );
    assert_eq!((again.status, again.code()), (404, "NOT_FOUND"));
    assert_eq!(seen(&active.without_key()).await, invalid());
    assert_eq!(seen(&active).await, invalid(), "the key beside it doesn't help");
    intact_chain(&app.house).await;
}

#[tokio::test]
async fn a_key_ends_its_own_sessions_of_an_agent_and_an_admins_all_of_them() {
    let (app, key) = started().await;
    let other = app.key_with("Other", json!({})).await;
    other.ok("whoami", json!({})).await;
    let mine = key.activated("scout").await.without_key();
    let theirs = other.activated("scout").await.without_key();

    post(&key, "/v1/sessions/end", json!({ "agent_id": "scout" })).await;
    assert_eq!((seen(&mine).await, seen(&theirs).await), (invalid(), fine()));
    let named = post(&theirs, "/v1/sessions/end", json!({ "agent_id": "local" })).await;
    assert_eq!(named.code(), "NOT_FOUND");
    let own = format!("key-{}", other.key_id.as_deref().expect("an id"));
    let named =
        leaving_nothing(&app, post(&theirs, "/v1/sessions/end", json!({ "agent_id": own }))).await;
    assert_eq!(named.code(), "AGENT_KEY_CONFLICT");
    post(&app.owner, "/v1/sessions/end", json!({ "agent_id": "scout" })).await;

    assert_eq!(seen(&theirs).await, invalid());
}

#[tokio::test]
async fn extending_gives_a_new_token_and_stops_at_a_day_from_now() {
    let (app, key) = started().await;
    let active = key.activated("scout").await.without_key();

    let once = post(&active, "/v1/sessions/extend", json!({})).await;
    let most = post(&active, "/v1/sessions/extend", json!({ "hours": 24 })).await;
    let act = post(&active, "/v1/sessions/extend", json!({}));
    let no_more = leaving_nothing(&app, act).await;

    let told = |body: &super::Value| (body["hours_added"].clone(), body["new_expires_at"].clone());
    assert_eq!(told(&once.body), (json!(6.0), json!("2026-11-22T21:00:00.000Z")));
    assert_eq!(told(&most.body), (json!(12.0), json!("2026-11-23T09:00:00.000Z")));
    assert_eq!(told(&no_more.body), (json!(0.0), json!("2026-11-23T09:00:00.000Z")));
    assert_eq!(once.body["expires_at"], once.body["new_expires_at"]);
    let longer = active.with_session(most.body["session_token"].as_str().expect("a token"));
    app.clock.advance(6 * HOUR);
    assert_eq!((seen(&active).await, seen(&longer).await), (expired(), fine()));
    app.clock.advance(18 * HOUR);
    assert_eq!(seen(&longer).await, expired());
}

#[tokio::test]
async fn the_current_session_and_the_list_show_how_it_stands() {
    let (app, key) = started().await;
    let other = app.key_with("Other", json!({})).await;
    other.ok("whoami", json!({})).await;
    let active = key.activated("scout").await;
    other.activated("scout").await;
    active.ok("remember", json!({ "content": "Tea." })).await;
    app.clock.advance(HOUR);

    let current = active.rest(Method::GET, "/v1/sessions/current", None).await.body;
    let mine = key.ok("session_list", json!({})).await;
    let everyones = app.owner.ok("session_list", json!({ "agent_id": "scout" })).await;
    post(&active, "/v1/sessions/end", json!({})).await;
    let running = key.ok("session_list", json!({})).await;
    let all = key.ok("session_list", json!({ "all": true })).await;

    assert_eq!(
        (&current["time_remaining_seconds"], &current["memories_created"]),
        (&json!(18_000), &json!(1))
    );
    assert_eq!((&mine["count"], &mine["sessions"][0]), (&json!(1), &current));
    assert_eq!((&everyones["count"], &running["count"]), (&json!(2), &json!(0)));
    assert_eq!((&all["sessions"][0]["status"], &all["count"]), (&json!("ended"), &json!(1)));
    assert_eq!(count(&app, "sessions WHERE ended_at IS NOT NULL"), 1);
}
