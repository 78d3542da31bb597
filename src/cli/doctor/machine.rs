//! The machine: the data folder, the address to listen on, the model, the clock; or a server elsewhere.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::failed;
use crate::cli::remote::Remote;
use crate::cli::serve::LISTEN;
use crate::config::Settings;
use crate::core::clock::{Clock, SystemClock, Timestamp};
use crate::core::error::Result;
use crate::embed::{BuiltIn, Embedder};
use crate::ops;
use crate::store::examine::Finding;

/// Below so many bytes somebody should know.
#[cfg(unix)]
const LITTLE_SPACE: u64 = 512 * 1024 * 1024;

/// How long a server on this machine may take to answer.
const LONGEST: Duration = Duration::from_secs(3);

/// The folder of the embedded database.
#[cfg(unix)]
pub(super) fn folder(folder: &Path) -> Vec<Finding> {
    use std::os::unix::fs::PermissionsExt;

    let check = "data folder";
    let Ok(metadata) = std::fs::metadata(folder) else {
        let fix = "the first start makes it; `--data DIR` or MEMORANDA_DATA name another";
        return vec![Finding::warn(check, format!("{} isn't there yet", folder.display()), fix)];
    };
    let mut findings = Vec::new();
    let shown = folder.display();
    let mode = metadata.permissions().mode() & 0o777;
    let may_write = rustix::fs::access(
        folder,
        rustix::fs::Access::WRITE_OK | rustix::fs::Access::READ_OK | rustix::fs::Access::EXEC_OK,
    );
    findings.push(if !metadata.is_dir() {
        Finding::fail(check, format!("{shown} is no folder"), "name a folder with `--data DIR`")
    } else if may_write.is_err() {
        let fix = "start it as the user who owns the folder, or name another with `--data DIR`";
        Finding::fail(check, format!("{shown} can't be written by this user"), fix)
    } else if mode & 0o077 != 0 {
        let says = format!("{shown} is open to others ({mode:o})");
        Finding::warn(check, says, format!("close it: chmod 700 {shown}"))
    } else {
        Finding::ok(check, format!("{shown}, its owner's alone"))
    });
    if let Ok(space) = rustix::fs::statvfs(folder) {
        let free = space.f_bavail.saturating_mul(space.f_frsize);
        let says = format!("{} MiB free", free / (1024 * 1024));
        findings.push(if free < LITTLE_SPACE {
            Finding::warn("disk", says, "make room: what can't be written is refused")
        } else {
            Finding::ok("disk", says)
        });
    }
    findings
}

/// The folder of the embedded database.
#[cfg(not(unix))]
pub(super) fn folder(folder: &Path) -> Vec<Finding> {
    let (check, shown) = ("data folder", folder.display());
    vec![if folder.is_dir() {
        Finding::ok(check, shown.to_string())
    } else {
        let fix = "the first start makes it; `--data DIR` or MEMORANDA_DATA name another";
        Finding::warn(check, format!("{shown} isn't there yet"), fix)
    }]
}

/// The model that makes vectors.
pub(super) fn model() -> Finding {
    let check = "model";
    let model = BuiltIn::default();
    match model.embed("Is anybody there?") {
        Ok(vector) if vector.values.len() == Embedder::dimensions(&model) => {
            Finding::ok(check, format!("{} opens", Embedder::model(&model)))
        }
        Ok(_) => Finding::fail(check, "it gives vectors of a wrong length", REINSTALL),
        Err(error) => failed(check, &error),
    }
}

const REINSTALL: &str = "install the program again: the model is part of it";

/// Whether the time can be right.
pub(super) fn clock() -> Finding {
    let now = SystemClock.now();
    let year = |text: &str| Timestamp::parse(text, false);
    let is_sane = year("2026-01-01").is_some_and(|least| now >= least)
        && year("2100-01-01").is_some_and(|most| now < most);
    if is_sane {
        return Finding::ok("clock", now.to_string());
    }
    let fix = "set the clock, by NTP: keys and sessions end by it";
    Finding::fail("clock", format!("{now} can't be the time"), fix)
}

/// The address that `serve` is to listen on: free, or answered by a server of ours.
pub(super) async fn listening(settings: &Settings) -> Finding {
    let check = "address";
    let listen = settings.listen.as_deref().unwrap_or(LISTEN);
    let Ok(address) = listen.parse::<SocketAddr>() else {
        let says = "`listen` isn't an address and a port";
        return Finding::fail(check, says, "set it to one, such as 127.0.0.1:7420");
    };
    if !address.ip().is_loopback() && settings.public_url.is_none() {
        let fix = "name the URL under which others reach this server: --public-url https://…";
        return Finding::fail(check, format!("{address} is beyond loopback, without a URL"), fix);
    }
    let other = "choose another address with `--listen 127.0.0.1:PORT`";
    match TcpListener::bind(address) {
        Ok(_) => Finding::ok(check, format!("{address} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => match version_at(address).await {
            Some(version) => {
                Finding::ok(check, format!("memoranda {version} answers on {address}"))
            }
            None => Finding::fail(check, format!("another program listens on {address}"), other),
        },
        Err(_) => Finding::fail(check, format!("this user can't listen on {address}"), other),
    }
}

/// The version of the server of ours that answers at an address of this machine.
async fn version_at(address: SocketAddr) -> Option<String> {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    let url = format!("http://{}/healthz", SocketAddr::new(ip, address.port()));
    let client = crate::cli::remote::client().ok()?;
    let response = client.get(url).timeout(LONGEST).send().await.ok()?;
    let body: Value = serde_json::from_slice(&response.bytes().await.ok()?).ok()?;
    (body["service"] == json!("memoranda")).then(|| body["version"].as_str().map(str::to_owned))?
}

/// A server elsewhere: whether it is ready, and lets our key in.
pub(super) async fn server(url: &str, settings: &Settings) -> Vec<Finding> {
    let remote = match Remote::new(url, settings) {
        Ok(remote) => remote,
        Err(error) => return vec![failed("server", &error)],
    };
    let asked: Result<Value> = remote.is_ready().await;
    let mut findings = vec![match asked {
        Ok(_) => Finding::ok("server", "it answers, and its database does"),
        Err(error) => failed("server", &error),
    }];
    let whoami = ops::find("whoami").expect("the catalogue has it");
    findings.push(match remote.call(whoami, &json!({})).await {
        Ok(who) => {
            let text = |name: &str| who[name].as_str().unwrap_or("?").to_owned();
            Finding::ok("key", format!("let in: {} of the team {}", text("role"), text("team")))
        }
        Err(error) => failed("key", &error),
    });
    findings
}
