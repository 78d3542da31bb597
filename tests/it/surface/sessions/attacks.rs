use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha384;

use super::{
    Caller, Engine, HOUR, TestApp, URL_SAFE_NO_PAD, Value, encoded, expired, fine, invalid, json,
    read, secret_of, seen, signed, started, token,
};
use crate::surface::probe::{Raw, assert_own_words, leaving_nothing, mcp_call, rows};

/// A good token of `scout` taken apart, with what the server would sign it with.
struct Good {
    app: TestApp,
    key: Caller,
    active: Caller,
    header: Value,
    claims: Value,
    secret: String,
}

async fn good() -> Good {
    let (app, key) = started().await;
    let active = key.activated("scout").await.without_key();
    let (header, claims) = read(token(&active));
    let secret = secret_of(&app, &header);
    let again = signed(&header.to_string(), &claims, &secret);
    assert_eq!(again, token(&active), "a test that forges must be able to make the real one");
    Good { app, key, active, header, claims, secret }
}

impl Good {
    /// The claims with some of them changed; `null` takes one away.
    fn claims_with(&self, changes: Value) -> Value {
        let mut claims = self.claims.clone();
        for (name, value) in changes.as_object().expect("changes") {
            claims[name] = value.clone();
            if value.is_null() {
                claims.as_object_mut().expect("claims").remove(name);
            }
        }
        claims
    }

    fn header_with(&self, changes: Value) -> String {
        let mut header = self.header.clone();
        for (name, value) in changes.as_object().expect("changes") {
            header[name] = value.clone();
        }
        header.to_string()
    }

    /// Presents a token over REST and MCP, alone and beside the key, where it must be refused with
    /// 401, leave nothing behind and not be repeated.
    async fn refuses(&self, what: &str, forged: &str) {
        for caller in [self.active.with_session(forged), self.key.with_session(forged)] {
            let before = rows(&self.app);
            let rest = Raw::of(caller.request(reqwest::Method::GET, "/v1/whoami")).await;
            let mcp = Raw::of(mcp_call(&caller, "remember", &json!({ "content": "x" }))).await;
            for answer in [rest, mcp] {
                assert_eq!((answer.status, answer.code()), invalid(), "{what}");
                assert!(answer.header("www-authenticate").starts_with("Bearer"), "{what}");
                assert!(answer.header("x-session-token").is_empty(), "{what}");
                if forged.len() > 20 {
                    assert_own_words(&answer.json()["error"], forged);
                }
            }
            assert_eq!(rows(&self.app), before, "{what}");
        }
    }
}

#[tokio::test]
async fn a_token_without_a_signature_is_refused_however_it_says_so() {
    let good = good().await;

    for alg in ["none", "None", "NONE", "nOnE", "", "HS256 ", "hs256"] {
        let header = good.header_with(json!({ "alg": alg }));
        let unsigned = encoded(&header, &good.claims);
        good.refuses(alg, &format!("{unsigned}.")).await;
        good.refuses(alg, &unsigned).await;
        good.refuses(alg, &signed(&header, &good.claims, &good.secret)).await;
        good.refuses(alg, &signed(&header, &good.claims, "")).await;
    }
    let (stripped, _) = token(&good.active).rsplit_once('.').expect("three parts");
    good.refuses("no signature", &format!("{stripped}.")).await;
}

#[tokio::test]
async fn no_other_algorithm_is_taken_whatever_it_was_signed_with() {
    let good = good().await;

    for alg in ["RS256", "RS512", "PS256", "ES256", "EdDSA", "HS384", "HS512"] {
        let header = good.header_with(json!({ "alg": alg }));
        good.refuses(alg, &signed(&header, &good.claims, &good.secret)).await;
        good.refuses(alg, &signed(&header, &good.claims, "-----BEGIN PUBLIC KEY-----")).await;
    }
    let text = encoded(&good.header_with(json!({ "alg": "HS384" })), &good.claims);
    let mut mac = Hmac::<Sha384>::new_from_slice(good.secret.as_bytes()).expect("any length");
    mac.update(text.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    good.refuses("HS384 in truth", &format!("{text}.{signature}")).await;
}

#[tokio::test]
async fn a_header_that_is_not_ours_is_refused_though_its_signature_holds() {
    let good = good().await;
    let kid = &good.header["kid"];

    for header in [
        json!({ "alg": "HS256", "typ": "JWT" }).to_string(),
        good.header_with(json!({ "kid": Value::Null })),
        good.header_with(json!({ "kid": "" })),
        good.header_with(json!({ "kid": "../../etc/passwd" })),
        good.header_with(json!({ "kid": "' OR 1=1 --" })),
        good.header_with(json!({ "kid": [kid] })),
        good.header_with(json!({ "jwk": { "kty": "oct", "k": "AAAA" } })),
        good.header_with(json!({ "jku": "https://example.org/keys" })),
        good.header_with(json!({ "crit": ["exp"] })),
        good.header_with(json!({ "typ": "at+jwt" })),
        format!("{{\"alg\":\"none\",\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":{kid}}}"),
        format!("{} ", good.header),
    ] {
        good.refuses(&header, &signed(&header, &good.claims, &good.secret)).await;
    }
}

#[tokio::test]
async fn a_token_is_refused_under_an_unknown_signing_key_or_anothers() {
    let good = good().await;
    let (_, other) = good.app.other_team("other").await;
    let other = other.acting_as("far");
    other.ok("whoami", json!({})).await;
    let theirs = other.activated("far").await;
    let (their_header, their_claims) = read(token(&theirs));
    let their_secret = secret_of(&good.app, &their_header);
    let unknown = good.header_with(json!({ "kid": "sgn_01JD8ZQ501JD8ZQ501JD8ZQ501" }));

    good.refuses("unknown kid", &signed(&unknown, &good.claims, &good.secret)).await;
    // What another team's owner could make, if the secret of their own team came to light.
    let header = their_header.to_string();
    good.refuses("their kid, our claims", &signed(&header, &good.claims, &their_secret)).await;
    let mixed = good.claims_with(json!({ "team": their_claims["team"] }));
    good.refuses("their kid and team, our session", &signed(&header, &mixed, &their_secret)).await;
    let ours = good.header.to_string();
    good.refuses("our kid, their secret", &signed(&ours, &good.claims, &their_secret)).await;
    good.refuses("our kid, their claims", &signed(&ours, &their_claims, &good.secret)).await;
}

#[tokio::test]
async fn a_guessed_secret_forges_nothing() {
    let good = good().await;
    let header = good.header.to_string();

    let kid = good.header["kid"].as_str().expect("a name").to_owned();
    for guess in ["", "secret", "memoranda", "HS256", &kid, &good.secret[1..]] {
        good.refuses(guess, &signed(&header, &good.claims, guess)).await;
    }
}

#[tokio::test]
async fn claims_that_are_not_ours_are_refused_though_the_signature_holds() {
    let good = good().await;
    let (header, now) = (good.header.to_string(), good.claims["iat"].as_i64().expect("seconds"));

    for changes in [
        json!({ "aud": "another" }),
        json!({ "aud": ["memoranda", "another"] }),
        json!({ "aud": null }),
        json!({ "iss": "another" }),
        json!({ "iss": null }),
        json!({ "team": "team_01JD8ZQ501JD8ZQ501JD8ZQ501" }),
        json!({ "team": null }),
        json!({ "session_id": "sess_01JD8ZQ501JD8ZQ501JD8ZQ501" }),
        json!({ "session_id": "1" }),
        json!({ "exp": null }),
        json!({ "exp": "never" }),
        json!({ "nbf": now + 1 }),
        json!({ "nbf": null }),
    ] {
        let forged = signed(&header, &good.claims_with(changes.clone()), &good.secret);
        good.refuses(&changes.to_string(), &forged).await;
    }
    let forged = signed(&header, &json!("claims"), &good.secret);
    good.refuses("no object", &forged).await;
}

#[tokio::test]
async fn edited_claims_do_not_keep_the_signature() {
    let good = good().await;
    let signature = token(&good.active).rsplit_once('.').expect("three parts").1.to_owned();

    for changes in [
        json!({ "sub": "owner", "agent_id": "owner" }),
        json!({ "exp": 4_102_444_800_i64 }),
        json!({ "aud": "another" }),
    ] {
        let edited = encoded(&good.header.to_string(), &good.claims_with(changes.clone()));
        good.refuses(&changes.to_string(), &format!("{edited}.{signature}")).await;
    }
}

#[tokio::test]
async fn a_later_end_in_a_token_does_not_outlast_its_session() {
    let good = good().await;
    let later = good.claims_with(json!({ "exp": 4_102_444_800_i64 }));
    let forged = signed(&good.header.to_string(), &later, &good.secret);
    let forged = good.active.with_session(&forged);

    good.app.clock.advance(6 * HOUR - 1);
    assert_eq!(seen(&forged).await, fine());
    good.app.clock.advance(1);

    assert_eq!(seen(&forged).await, expired());
}

#[tokio::test]
async fn a_token_acts_as_its_sessions_agent_whatever_it_says() {
    let good = good().await;
    let said = good.claims_with(json!({ "sub": "owner", "agent_id": "owner" }));
    let forged = signed(&good.header.to_string(), &said, &good.secret);

    let who = good.active.with_session(&forged).ok("whoami", json!({})).await;

    assert_eq!(who["agent"]["id"], "scout");
}

#[tokio::test]
async fn a_broken_token_is_refused() {
    let good = good().await;
    let whole = token(&good.active).to_owned();

    for end in [1, 10, whole.len() / 2, whole.len() - 1] {
        good.refuses("cut", &whole[..end]).await;
    }
    let padded = format!("{whole}=");
    let dotted = format!("{whole}.");
    let four = format!("{whole}.{whole}");
    let long = format!("{whole}{}", "A".repeat(8_000));
    for broken in ["x", "..", "a.b.c", &padded, &dotted, &four, &long, &whole[1..]] {
        good.refuses(broken, broken).await;
    }
}

#[tokio::test]
async fn a_session_token_is_no_key_and_a_key_is_no_session_token() {
    let good = good().await;
    let token = token(&good.active).to_owned();
    let key = good.key.key.clone().expect("a key");

    for header in ["authorization", "x-api-key"] {
        let value = if header == "x-api-key" { token.clone() } else { format!("Bearer {token}") };
        let request = good.app.anonymous().request(reqwest::Method::GET, "/v1/whoami");
        let answer = leaving_nothing(&good.app, Raw::of(request.header(header, value))).await;

        assert_eq!((answer.status, &*answer.code()), (401, "INVALID_API_KEY"), "{header}");
        assert_own_words(&answer.json()["error"], &token);
    }
    good.refuses("a key", &key).await;
}
