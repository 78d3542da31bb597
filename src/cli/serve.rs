//! `memoranda serve`: MCP and REST on one port.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::{ArgMatches, Command};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;

use super::compose::{Database, FIRST_TEAM, SECRET_WAIT_FOR, SECRETS_AT_ONCE};
use super::{answers, flag, log, recall, runtime, show, sweep, welcome};
use crate::config::Settings;
use crate::core::error::{Code, Error, Result};
use crate::identity::hash::Hasher;
use crate::surface::http::{self, Addresses, Limits, Proxies, Server};

/// Where it listens unless it is told otherwise.
pub(super) const LISTEN: &str = "127.0.0.1:7420";

/// How often it is written down when keys were last used.
const LAST_USED_EVERY: Duration = Duration::from_secs(30);

/// Minutes between two applications of the policies on how long memories stay.
const SWEEP_MINUTES: u32 = 60;

pub(super) fn command() -> Command {
    Command::new("serve")
        .about("Serve MCP at /mcp and REST under /v1")
        .after_help("The first start makes the database, the team and an owner key, and shows how to connect.")
        .arg(flag("listen", "ADDRESS", "The address to listen on [default: 127.0.0.1:7420]"))
        .arg(flag("public-url", "URL", "The URL under which others reach this server; needed to listen beyond loopback"))
        .arg(flag("trusted-proxies", "LIST", "The proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8,::1"))
        .args(answers::flags())
        .next_help_heading("Limits")
        .args(LIMITS.map(|(name, help)| flag(name, "NUMBER", help).hide_short_help(true)))
}

/// What is said of each limit; their defaults are those of [`Limits`].
const LIMITS: [(&str, &str); 12] = [
    (
        "requests-per-second",
        "Requests a second that one key may make for long, 0 for no limit [default: 200]",
    ),
    ("request-burst", "Requests that one key may make at once, after a pause [default: 2000]"),
    (
        "failed-sign-ins",
        "Failed sign-ins of one address, at once and then each minute, 0 for no limit [default: 20]",
    ),
    (
        "secrets-at-once",
        "Secrets that are checked at once, each on a core, with 19 MiB [default: 2]",
    ),
    ("secret-seconds", "Seconds that a secret waits for its turn, before 503 [default: 10]"),
    ("streams-per-key", "Streams that one key may have open [default: 8]"),
    ("connections", "Connections that may be open; others wait [default: 900]"),
    ("body-bytes", "The largest body of a request [default: 4194304]"),
    (
        "header-seconds",
        "Seconds that a request's head may take, and a connection may be idle [default: 30]",
    ),
    ("request-seconds", "Seconds that a request may take to arrive and be answered [default: 60]"),
    (
        "shutdown-seconds",
        "Seconds that running requests may take once the server stops [default: 10]",
    ),
    (
        "sweep-minutes",
        "Minutes between two applications of the policies on how long memories stay, 0 for never [default: 60]",
    ),
];

/// The limits as they were set.
fn limits(settings: &Settings) -> Result<Limits> {
    let (lines, usual) = (&settings.limits, Limits::default());
    let seconds = |line: Option<u32>, usual: Duration| {
        line.map_or(usual, |seconds| Duration::from_secs(u64::from(seconds)))
    };
    let number = |line: Option<u32>, usual: usize| {
        line.map_or(usual, |number| usize::try_from(number).unwrap_or(usize::MAX))
    };
    Ok(Limits {
        requests_per_second: lines.requests_per_second.unwrap_or(usual.requests_per_second),
        burst: lines.request_burst.unwrap_or(usual.burst),
        failed_sign_ins: lines.failed_sign_ins.unwrap_or(usual.failed_sign_ins),
        streams: number(lines.streams_per_key, usual.streams),
        connections: number(lines.connections, usual.connections),
        body_bytes: number(lines.body_bytes, usual.body_bytes),
        header_for: seconds(lines.header_seconds, usual.header_for),
        request_for: seconds(lines.request_seconds, usual.request_for),
        shutdown_for: seconds(lines.shutdown_seconds, usual.shutdown_for),
        trusted_proxies: Proxies::parse(settings.trusted_proxies.as_deref().unwrap_or_default())?,
    })
}

/// Where secrets are checked, within the bounds that were set.
fn hasher(settings: &Settings) -> Hasher {
    let at_once = settings.limits.secrets_at_once.and_then(|number| usize::try_from(number).ok());
    let wait_for = settings.limits.secret_seconds.map(|number| Duration::from_secs(number.into()));
    Hasher::new(at_once.unwrap_or(SECRETS_AT_ONCE), wait_for.unwrap_or(SECRET_WAIT_FOR))
}

pub(super) fn run(_: &ArgMatches, settings: &Settings) -> Result<()> {
    log::set_up(settings.log.as_deref(), LevelFilter::INFO)?;
    let listen = settings.listen.as_deref().unwrap_or(LISTEN);
    let address: SocketAddr = listen.parse().map_err(|_| {
        Error::invalid("listen", "must be an address and a port, such as 127.0.0.1:7420")
    })?;
    if !address.ip().is_loopback() && settings.public_url.is_none() {
        return Err(Error::invalid("listen", "is beyond loopback, which needs `--public-url`")
            .with_fix(
                "name the URL under which others reach this server: --public-url https://…",
            ));
    }
    let addresses = Addresses::new(settings.public_url.as_deref())?;
    let limits = limits(settings)?;
    let composer = answers::composer(settings)?;
    let recaller = recall::recaller(settings)?;
    let database = Database::set(settings)?;
    runtime()?.block_on(async {
        let stop = CancellationToken::new();
        stop_on_signal(stop.clone())?;
        // The port first: a second server must fail before it touches anything.
        let listener =
            TcpListener::bind(address).await.map_err(|error| cannot_listen(address, error))?;
        let address = listener.local_addr().map_err(Error::internal)?;
        let house = database.open_with(hasher(settings))?;
        house.compose_with(composer);
        house.recall_by(recaller);
        let made = house.set_up(FIRST_TEAM, true).await?;
        let url = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
        if let Some(key) = &made {
            show::line(&welcome::text(url.trim_end_matches('/'), key.whole()));
        }
        let nearest = house.app.store.nearest_by();
        let nearest = nearest.map(|by| format!("; vectors: {by}")).unwrap_or_default();
        show::say(&format!(
            "memoranda {} listening on http://{address}  (data: {database}{nearest})",
            env!("CARGO_PKG_VERSION"),
        ));
        let (app, auth) = (Arc::clone(&house.app), Arc::clone(&house.auth));
        let server = Arc::new(Server::new(app, auth, addresses, limits, stop));
        let embedding = tokio::spawn(house.make_vectors());
        let noting = tokio::spawn(note_last_use(Arc::clone(&server)));
        let minutes = settings.limits.sweep_minutes.unwrap_or(SWEEP_MINUTES);
        let every = Duration::from_secs(60 * u64::from(minutes));
        let sweeping =
            (minutes > 0).then(|| tokio::spawn(sweep::now_and_then(house.clone(), every)));
        let ended = http::serve(listener, Arc::clone(&server), http::router(server)).await;
        noting.abort();
        if let Some(sweeping) = sweeping {
            sweeping.abort();
        }
        embedding.abort();
        house.close().await;
        ended
    })
}

fn cannot_listen(address: SocketAddr, error: std::io::Error) -> Error {
    let (code, message) = match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            (Code::Unavailable, format!("{address} is in use, perhaps by another memoranda"))
        }
        std::io::ErrorKind::PermissionDenied => {
            (Code::PermissionDenied, format!("this user may not listen on {address}"))
        }
        _ => (Code::Unavailable, format!("it can't listen on {address}")),
    };
    Error::new(code, message)
        .with_fix("choose another address with `--listen 127.0.0.1:PORT`")
        .with_cause(error)
}

/// Cancels `stop` at the first interrupt or SIGTERM. From when it returns on, neither kills the
/// process before its files are closed.
///
/// # Errors
/// `INTERNAL` when the operating system takes no handler.
#[cfg(unix)]
pub(super) fn stop_on_signal(stop: CancellationToken) -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::internal)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::internal)?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stop.cancel();
    });
    Ok(())
}

/// Cancels `stop` at the first interrupt.
///
/// # Errors
/// None on this platform.
#[cfg(not(unix))]
pub(super) fn stop_on_signal(stop: CancellationToken) -> Result<()> {
    tokio::spawn(async move {
        let _ = tokio::signal::ctrl_c().await;
        stop.cancel();
    });
    Ok(())
}

async fn note_last_use(server: Arc<Server>) {
    loop {
        tokio::time::sleep(LAST_USED_EVERY).await;
        if let Err(error) = server.auth.write_last_used().await {
            tracing::warn!(
                code = error.code().as_str(),
                "when keys were last used can't be written yet"
            );
        }
    }
}
