//! Limits: met and not met, each caller for itself, and over again once the time has come.

mod failures;
mod requests;
mod slow;
mod streams;

use reqwest::Method;

use super::probe::Raw;
use crate::support::{Caller, TestApp};

/// What `GET /v1/whoami` answers a caller.
async fn whoami(caller: &Caller) -> Raw {
    Raw::of(caller.request(Method::GET, "/v1/whoami")).await
}

/// Asserts that an answer is 429; gives the seconds to wait, which the header and the body name.
fn limited(answer: &Raw) -> i64 {
    assert_eq!((answer.status, answer.code().as_str()), (429, "RATE_LIMITED"), "{}", answer.text);
    let seconds: i64 = answer.header("retry-after").parse().expect("whole seconds");
    assert!(seconds >= 1, "{seconds}");
    let error = &answer.json()["error"];
    assert_eq!(error["details"]["retry_after_seconds"], seconds);
    assert!(error["details"]["limit"].is_object() && error["fix"].is_string(), "{error}");
    seconds
}

/// Lets so many seconds pass.
fn wait(app: &TestApp, seconds: i64) {
    app.clock.advance(seconds * 1000);
}
