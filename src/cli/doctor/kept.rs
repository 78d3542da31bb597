//! What is kept: the database, the trail in it, and whether a key is let in.

use serde_json::{Value, json};

use super::failed;
use crate::cli::compose::{Database, House};
use crate::cli::recall::recaller;
use crate::config::Settings;
use crate::core::clock::{Clock, SystemClock, Timestamp};
use crate::core::error::{Code, Result};
use crate::identity::principal::Principal;
use crate::ops;
use crate::store::examine::{Examined, Finding};
use crate::store::postgres::Postgres;
use crate::store::sqlite::Sqlite;

/// How far ahead of this machine's clock an event may be, in milliseconds.
const AHEAD: i64 = 60_000;

/// Everything about a database. It is opened only if that changes nothing.
pub(super) async fn examined(database: &Database, settings: &Settings) -> Vec<Finding> {
    let examined = match database {
        Database::Embedded(folder) => Ok(Sqlite::examine(folder)),
        Database::Shared { url, password, .. } => {
            Postgres::examine(url.expose(), password.as_ref(), || SystemClock.now())
        }
    };
    let Examined { mut findings, is_current } = match examined {
        Ok(examined) => examined,
        Err(error) => return vec![failed("database", &error)],
    };
    if !is_current {
        return findings;
    }
    match database.open() {
        Ok(house) => {
            findings.extend(trail(&house).await);
            findings.push(vectors(&house, settings).await);
            if let Some(key) = settings.api_key() {
                findings.push(match house.auth.tried(&key).await {
                    Ok((role, team)) => {
                        let says = format!("let in: {} of the team {team}", role.as_str());
                        Finding::ok("key", says)
                    }
                    Err(error) => failed("key", &error),
                });
            }
            house.close().await;
        }
        Err(error) => findings.push(failed("database", &error)),
    }
    findings
}

/// Walks the whole trail, as its owner may.
async fn trail(house: &House) -> Vec<Finding> {
    let check = "activity trail";
    let who = match house.auth.local_owner().await {
        Ok(who) => who,
        Err(error) if error.code() == Code::Conflict => {
            let fix = "ask each: `memoranda activity verify --url URL` with an admin's key";
            return vec![Finding::warn(check, "not checked: there isn't one team alone", fix)];
        }
        Err(error) => return vec![failed(check, &error)],
    };
    let mut findings = Vec::new();
    findings.push(match ask(house, &who, "activity_verify", json!({})).await {
        Ok(walked) if walked["is_intact"] == json!(true) => {
            Finding::ok(check, format!("{} events, none altered or missing", walked["events"]))
        }
        Ok(walked) => {
            let says =
                format!("it doesn't hold from event {} on", walked["first_break"]["sequence"]);
            let fix = "compare it with an export or a backup: `memoranda activity export`";
            Finding::fail(check, says, fix)
        }
        Err(error) => failed(check, &error),
    });
    let newest = ask(house, &who, "my_activity", json!({ "team": true, "limit": 1 })).await;
    let at =
        newest.ok().and_then(|newest| Timestamp::parse(newest["events"][0]["at"].as_str()?, false));
    if let Some(at) = at
        && at.as_millis() > SystemClock.now().as_millis() + AHEAD
    {
        let fix = "set this machine's clock, or that of the one that wrote it, by NTP";
        findings.push(Finding::warn("clocks", "the newest event is of the future", fix));
    }
    findings
}

/// Whether all that is kept has vectors of the model that is set.
async fn vectors(house: &House, settings: &Settings) -> Finding {
    let check = "vectors";
    let recaller = match recaller(settings) {
        Ok(recaller) => recaller,
        Err(error) => return failed(check, &error),
    };
    let model = recaller.model();
    match recaller.missing(&house.app.store).await {
        Ok(_) if model.is_empty() => Finding::ok(check, "none are wanted: words alone find"),
        Ok(0) => Finding::ok(check, format!("all are of {model}")),
        Ok(missing) => {
            let says = format!("{missing} texts wait for those of {model}; words find them");
            let fix = "leave `memoranda serve` running: it makes them, and recall goes on";
            Finding::warn(check, says, fix)
        }
        Err(error) => failed(check, &error),
    }
}

async fn ask(house: &House, who: &Principal, name: &str, arguments: Value) -> Result<Value> {
    let entry = ops::find(name).expect("the catalogue has it");
    ops::call(&house.app, who, entry, arguments, house.app.request_id()).await
}
