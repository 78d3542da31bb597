//! People of a team: invited, in, promoted, removed.

use memoranda::core::error::Code;
use memoranda::core::secret::Secret;
use memoranda::identity::role::Role;
use memoranda::ops;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Caller, Reply, TestApp};
use crate::surface::probe::{self, leaving_nothing, warm};

const EVERYTHING: [&str; 3] = ["read", "write", "admin"];
const PASSWORD: &str = "tea before dawn";

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// Invites somebody; gives the member's id and the code.
async fn invited(by: &Caller, email: &str, role: Role) -> (String, String) {
    let who = json!({ "email": email, "display_name": "Ada King", "role": role });
    let answer = by.ok("member_invite", who).await;
    let text = |name: &str| answer[name].as_str().expect("text").to_owned();
    (text("member_id"), text("invitation"))
}

async fn take_up(app: &TestApp, code: &str, password: &str) -> Reply {
    let body = json!({ "invitation": code, "password": password });
    app.anonymous().rest(Method::POST, "/auth/invitation", Some(body)).await
}

/// A member with the usual password.
async fn joined(app: &TestApp, email: &str, role: Role) -> String {
    let (id, code) = invited(&app.owner, email, role).await;
    let reply = take_up(app, &code, PASSWORD).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    id
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Result<Role, Code> {
    let signed_in = app.house.auth.member(None, email, &secret(password)).await;
    signed_in.map(|who| who.role).map_err(|error| error.code())
}

#[tokio::test]
async fn whoever_takes_up_an_invitation_is_a_member_with_that_password() {
    let app = warm().await;
    let (id, code) = invited(&app.owner, "Ada@Example.org", Role::Editor).await;

    let reply = take_up(&app, &code, PASSWORD).await;

    let expected = json!({
        "member_id": id, "team": "local", "display_name": "Ada King", "email": "ada@example.org",
        "role": "editor",
    });
    assert_eq!((reply.status, &reply.body), (200, &expected));
    assert_eq!(sign_in(&app, " ADA@example.org", PASSWORD).await, Ok(Role::Editor));
    let events = app.owner.team_events().await;
    let newest = &events[0];
    let seen = [&newest["operation"], &newest["object_id"], &newest["credential_kind"]];
    assert_eq!(seen, [&json!("member_accept"), &json!(id), &json!("member")]);
    assert_eq!(newest["member"], json!(id));
}

#[tokio::test]
async fn an_invitation_that_does_not_hold_is_answered_in_the_same_bytes_whatever_is_wrong() {
    let app = warm().await;
    let (_, used) = invited(&app.owner, "used@example.org", Role::Viewer).await;
    take_up(&app, &used, PASSWORD).await;
    let (gone, removed) = invited(&app.owner, "gone@example.org", Role::Viewer).await;
    app.owner.ok("member_remove", json!({ "member_id": gone, "confirm": true })).await;
    let (_, old) = invited(&app.owner, "old@example.org", Role::Viewer).await;
    app.clock.advance(7 * 24 * 60 * 60 * 1000);
    let unknown = memoranda::identity::member::Invitation::generate();

    for code in [&used, &removed, &old, unknown.whole().expose(), "memoinvite_x", ""] {
        let mut reply = leaving_nothing(&app, take_up(&app, code, PASSWORD)).await;

        reply.body["error"]["request_id"].take();
        let message = "no such invitation";
        assert_eq!((reply.status, reply.code()), (404, "NOT_FOUND"));
        assert_eq!(reply.body["error"]["message"], message);
        assert!(code.is_empty() || !reply.body.to_string().contains(code));
    }
}

#[tokio::test]
async fn of_many_who_take_up_one_invitation_one_comes_in() {
    let app = warm().await;
    let (_, code) = invited(&app.owner, "ada@example.org", Role::Viewer).await;

    let passwords: Vec<String> = (0..6).map(|number| format!("{PASSWORD} {number}")).collect();
    let tries = passwords.iter().map(|password| take_up(&app, &code, password));
    let replies = futures_util::future::join_all(tries).await;

    let won: Vec<usize> =
        (0..replies.len()).filter(|number| replies[*number].status == 200).collect();
    assert_eq!(won.len(), 1);
    for (number, password) in passwords.iter().enumerate() {
        assert_eq!(sign_in(&app, "ada@example.org", password).await.is_ok(), won == [number]);
    }
}

#[tokio::test]
async fn a_password_that_will_not_do_leaves_the_invitation_open() {
    let app = warm().await;
    let (_, code) = invited(&app.owner, "ada.king@example.org", Role::Viewer).await;

    for password in ["short", "passwordpassword", "Ada.King@example.org", &"x y".repeat(50)] {
        let reply = leaving_nothing(&app, take_up(&app, &code, password)).await;

        assert_eq!((reply.status, reply.code()), (400, "INVALID_ARGUMENT"));
        assert_eq!(reply.body["error"]["details"]["fields"][0]["field"], "password");
        assert!(!reply.body.to_string().contains(password));
    }
    assert_eq!(take_up(&app, &code, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_body_of_another_shape_is_refused_and_not_echoed() {
    let app = warm().await;
    let (_, code) = invited(&app.owner, "ada@example.org", Role::Viewer).await;
    let request = |kind: &str, body: String| {
        let request = app.anonymous().request(Method::POST, "/auth/invitation");
        request.header("content-type", kind.to_owned()).body(body)
    };
    let whole = json!({ "invitation": code, "password": PASSWORD }).to_string();

    for (kind, body) in [
        ("text/plain", whole.clone()),
        ("application/json", whole.replace('{', "[")),
        ("application/json", json!({ "invitation": code }).to_string()),
        ("application/json", json!({ "invitation": code, "password": 5 }).to_string()),
        ("application/json", whole.replace('{', "{\"role\":\"owner\",")),
        ("application/json", format!("{whole}{whole}")),
        ("application/json", String::new()),
    ] {
        let answer = leaving_nothing(&app, probe::Raw::of(request(kind, body))).await;

        assert_eq!((answer.status, answer.code().as_str()), (400, "INVALID_ARGUMENT"));
        assert!(!answer.text.contains(&code) && !answer.text.contains(PASSWORD));
    }
    let large = format!("{whole}{}", " ".repeat(20_000));
    let answer = probe::Raw::of(request("application/json", large)).await;
    assert_eq!((answer.status, answer.code().as_str()), (413, "TOO_LARGE"));
    assert_eq!(sign_in(&app, "ada@example.org", PASSWORD).await, Err(Code::Unauthenticated));
}

#[tokio::test]
async fn nobody_signs_in_but_an_active_member_with_their_own_password() {
    let app = warm().await;
    let id = joined(&app, "ada@example.org", Role::Admin).await;
    invited(&app.owner, "waits@example.org", Role::Viewer).await;

    for (email, password) in [
        ("ada@example.org", "tea before dusk"),
        ("ada@example.org", ""),
        ("waits@example.org", PASSWORD),
        ("waits@example.org", ""),
        ("nobody@example.org", PASSWORD),
        ("no address", PASSWORD),
    ] {
        let refused = app.house.auth.member(None, email, &secret(password)).await;

        let error = refused.expect_err("refused");
        assert_eq!(error.code(), Code::Unauthenticated);
        assert_eq!(error.message(), "the e-mail or the password is wrong");
    }
    assert_eq!(sign_in(&app, "ada@example.org", PASSWORD).await, Ok(Role::Admin));
    app.owner.ok("member_remove", json!({ "member_id": id, "confirm": true })).await;
    assert_eq!(sign_in(&app, "ada@example.org", PASSWORD).await, Err(Code::Unauthenticated));
}

#[tokio::test]
async fn a_members_role_is_the_one_of_now() {
    let app = warm().await;
    let id = joined(&app, "ada@example.org", Role::Editor).await;
    let before = app.house.auth.member(None, "ada@example.org", &secret(PASSWORD)).await;
    let before = before.expect("signs in");

    app.owner.ok("member_role", json!({ "member_id": id, "role": "viewer" })).await;

    let now = app.house.auth.member(None, "ada@example.org", &secret(PASSWORD)).await;
    assert_eq!(now.expect("signs in").role, Role::Viewer);
    let whoami = ops::find("whoami").expect("an operation");
    let request = app.house.app.request_id();
    let stale = ops::call(&app.house.app, &before, whoami, json!({}), request).await;
    assert_eq!(stale.expect_err("refused").code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_member_acts_in_person_and_is_named() {
    let app = warm().await;
    let id = joined(&app, "ada@example.org", Role::Viewer).await;
    let ada = app.house.auth.member(None, "ada@example.org", &secret(PASSWORD)).await;
    let ada = ada.expect("signs in");
    let call = async |name: &str, arguments: Value| {
        let entry = ops::find(name).expect("an operation");
        let request = app.house.app.request_id();
        ops::call(&app.house.app, &ada, entry, arguments, request).await
    };

    let who = call("whoami", json!({})).await.expect("answers");
    let kept = call("remember", json!({ "content": "We drink tea." })).await.expect("kept");
    let listed = call("member_list", json!({})).await.expect("answers");
    let refused = call("member_invite", json!({ "email": "x@y", "display_name": "X" })).await;

    let seen = [&who["member"], &who["member_name"], &who["credential_kind"]];
    assert_eq!(seen, [&json!(id), &json!("Ada King"), &json!("member")]);
    assert_eq!(kept["status"], "proposed");
    assert!(listed["members"].as_array().expect("a list").iter().all(|m| m["email"].is_null()));
    assert_eq!(refused.expect_err("refused").code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_the_current_one() {
    let app = warm().await;
    joined(&app, "ada@example.org", Role::Viewer).await;
    let (auth, ada) = (&app.house.auth, "ada@example.org");
    let change = async |current: &str, chosen: &str| {
        auth.change_password(None, ada, &secret(current), &secret(chosen)).await
    };

    let wrong = change("a wrong guess", "coffee at noon").await.expect_err("refused");
    let weak = change(PASSWORD, "short").await.expect_err("refused");
    change(PASSWORD, "coffee at noon").await.expect("changed");

    assert_eq!((wrong.code(), weak.code()), (Code::Unauthenticated, Code::InvalidArgument));
    assert_eq!(sign_in(&app, ada, PASSWORD).await, Err(Code::Unauthenticated));
    assert_eq!(sign_in(&app, ada, "coffee at noon").await, Ok(Role::Viewer));
    assert_eq!(app.owner.team_events().await[0]["operation"], "member_password");
}

#[tokio::test]
async fn the_local_owner_sets_a_password_without_one() {
    let app = warm().await;
    let who = app.house.auth.local_owner().await.expect("an owner").actor.member;
    let id = who.expect("a member").to_string();
    app.owner.ok("member_edit", json!({ "member_id": id, "email": "owner@example.org" })).await;

    app.house.auth.set_local_password(&secret(PASSWORD)).await.expect("set");

    assert_eq!(sign_in(&app, "owner@example.org", PASSWORD).await, Ok(Role::Owner));
}

#[tokio::test]
async fn nobody_gives_a_role_above_their_own_or_touches_who_has_one() {
    let app = warm().await;
    let admin = app.key("Admin", Role::Admin, &EVERYTHING).await.acting_as("admin");
    admin.ok("whoami", json!({})).await;
    let owner = app.house.auth.local_owner().await.expect("an owner").actor.member;
    let owner = owner.expect("a member").to_string();
    let (peer, _) = invited(&admin, "peer@example.org", Role::Admin).await;

    for (name, arguments) in [
        ("member_invite", json!({ "email": "x@y", "display_name": "X", "role": "owner" })),
        ("member_role", json!({ "member_id": peer, "role": "owner" })),
        ("member_role", json!({ "member_id": owner, "role": "viewer" })),
        ("member_edit", json!({ "member_id": owner, "email": "mine@example.org" })),
        ("member_remove", json!({ "member_id": owner, "confirm": true })),
    ] {
        let refused = leaving_nothing(&app, admin.refused(name, arguments)).await;

        assert_eq!(refused["code"], "PERMISSION_DENIED", "{name}");
    }
    admin.ok("member_role", json!({ "member_id": peer, "role": "editor" })).await;
}

#[tokio::test]
async fn the_last_owner_stays() {
    let app = warm().await;
    let owner = app.house.auth.local_owner().await.expect("an owner").actor.member;
    let owner = owner.expect("a member").to_string();
    // Nobody has taken this invitation up yet.
    let (waits, _) = invited(&app.owner, "waits@example.org", Role::Owner).await;

    for (name, arguments) in [
        ("member_role", json!({ "member_id": owner, "role": "admin" })),
        ("member_remove", json!({ "member_id": owner, "confirm": true })),
    ] {
        let refused = leaving_nothing(&app, app.owner.refused(name, arguments)).await;

        assert_eq!(refused["code"], "CONFLICT", "{name}");
    }
    app.owner.ok("member_remove", json!({ "member_id": waits, "confirm": true })).await;
    joined(&app, "ada@example.org", Role::Owner).await;
    app.owner.ok("member_remove", json!({ "member_id": owner, "confirm": true })).await;
}

#[tokio::test]
async fn of_two_owners_who_are_demoted_at_once_one_stays() {
    let app = warm().await;
    let local = app.house.auth.local_owner().await.expect("an owner");
    let first = local.actor.member.expect("a member").to_string();
    let second = joined(&app, "ada@example.org", Role::Owner).await;
    let entry = ops::find("member_role").expect("an operation");
    let set = async |id: &String, role: &str| {
        let arguments = json!({ "member_id": id, "role": role });
        let request = app.house.app.request_id();
        ops::call(&app.house.app, &local, entry, arguments, request).await
    };

    for round in 0..50 {
        let answers = tokio::join!(set(&first, "admin"), set(&second, "admin"));

        let refused = match answers {
            (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
            both => panic!("round {round}: {both:?}"),
        };
        assert_eq!(refused.code(), Code::Conflict);
        for id in [&first, &second] {
            set(id, "owner").await.expect("promoted");
        }
    }
}

#[tokio::test]
async fn a_removed_members_keys_work_on_unless_they_are_revoked_too() {
    let app = warm().await;
    let id = joined(&app, "ada@example.org", Role::Admin).await;
    let ada = app.house.auth.member(None, "ada@example.org", &secret(PASSWORD)).await;
    let ada = ada.expect("signs in");
    let entry = ops::find("key_create").expect("an operation");
    let arguments = json!({ "title": "Ada's", "role": "editor" });
    let request = app.house.app.request_id();
    let made = ops::call(&app.house.app, &ada, entry, arguments, request).await.expect("made");
    let key = app.with_key(made["key"].as_str().expect("a key"));

    app.owner.ok("member_remove", json!({ "member_id": id, "confirm": true })).await;
    let works_on = key.ok("whoami", json!({})).await["role"].clone();
    let again = json!({ "member_id": id, "confirm": true, "revoke_keys": true });
    let revoked = app.owner.ok("member_remove", again.clone()).await;

    assert_eq!(works_on, "editor");
    assert_eq!(revoked["revoked_keys"], json!([made["key_id"]]));
    assert_eq!(key.rest(Method::GET, "/v1/whoami", None).await.status, 401);
    let third = leaving_nothing(&app, app.owner.ok("member_remove", again)).await;
    assert_eq!(third["changed"], false);
}

#[tokio::test]
async fn a_removal_wants_to_be_meant_and_who_is_removed_stays_so() {
    let app = warm().await;
    let (id, _) = invited(&app.owner, "ada@example.org", Role::Viewer).await;
    let refused = app.owner.refused("member_remove", json!({ "member_id": id }));
    assert_eq!(leaving_nothing(&app, refused).await["code"], "INVALID_ARGUMENT");

    app.owner.ok("member_remove", json!({ "member_id": id, "confirm": true })).await;

    for (name, arguments) in [
        ("member_role", json!({ "member_id": id, "role": "editor" })),
        ("member_edit", json!({ "member_id": id, "display_name": "Eve" })),
    ] {
        let refused = leaving_nothing(&app, app.owner.refused(name, arguments)).await;

        assert_eq!(refused["code"], "CONFLICT", "{name}");
    }
    let present = app.owner.ok("member_list", json!({})).await;
    let all = app.owner.ok("member_list", json!({ "removed": true })).await;
    assert_eq!((&present["count"], &all["count"]), (&json!(1), &json!(2)));
}

#[tokio::test]
async fn an_email_is_one_members_whatever_its_case() {
    let app = warm().await;
    invited(&app.owner, "ada@example.org", Role::Viewer).await;
    let (other, _) = invited(&app.owner, "bo@example.org", Role::Viewer).await;

    for (name, arguments) in [
        ("member_invite", json!({ "email": "ADA@example.org", "display_name": "Eve" })),
        ("member_edit", json!({ "member_id": other, "email": "Ada@Example.org" })),
    ] {
        let refused = leaving_nothing(&app, app.owner.refused(name, arguments)).await;

        assert_eq!(refused["code"], "ALREADY_EXISTS", "{name}");
    }
}

#[tokio::test]
async fn a_code_is_shown_once_and_kept_nowhere() {
    let app = warm().await;
    let (_, code) = invited(&app.owner, "ada@example.org", Role::Viewer).await;
    let told = json!({ "content": format!("The code is {code}.") });

    let refused = app.owner.refused("remember", told).await;

    let listed = app.owner.ok("member_list", json!({})).await;
    let events = json!(app.owner.team_events().await);
    assert_eq!(refused["details"]["kind"], "memoranda_invitation");
    for answer in [&refused, &listed, &events] {
        assert!(!answer.to_string().contains(&code));
    }
    let sql = "SELECT invitation_hash FROM members WHERE invitation_hash IS NOT NULL";
    let kept: String = probe::database(&app).query_row(sql, [], |row| row.get(0)).expect("one row");
    assert!(kept.len() == 64 && !kept.contains(&code));
}
