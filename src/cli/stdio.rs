//! `memoranda stdio`: MCP for the one client that started it. Standard output holds frames alone.

use clap::Command;
use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;

use super::compose::{Database, FIRST_TEAM};
use super::{answers, flag, forward, log, recall, runtime, serve, sweep};
use crate::config::Settings;
use crate::core::error::Result;
use crate::surface::mcp::stdio::{StdioCaller, serve as serve_stdio};

pub(super) fn command() -> Command {
    Command::new("stdio")
        .about("Speak MCP on standard input and output, for a client that starts it")
        .after_help(
            "Needs nothing: without a key it keeps its own database and acts as its owner's agent, named\n\
             by the client. With MEMORANDA_API_KEY it is that key's agent; with --url it forwards to that server.",
        )
        .arg(flag("url", "URL", "Forward every frame to this server, with the key of the environment"))
        .arg(flag("api-key-env", "NAME", "The variable that holds the API key [default: MEMORANDA_API_KEY]"))
        .arg(flag("agent-id", "ID", "The agent id to act as"))
        .args(answers::flags())
        .arg(flag("toolsets", "LIST", "The toolsets to show: identity,memory,work,admin or all"))
}

pub(super) fn run(settings: &Settings) -> Result<()> {
    log::set_up(settings.log.as_deref(), LevelFilter::WARN)?;
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        let stop = CancellationToken::new();
        serve::stop_on_signal(stop.clone())?;
        if let Some(url) = &settings.url {
            return forward::run(url, settings, stop).await;
        }
        let composer = answers::composer(settings)?;
        let recaller = recall::recaller(settings)?;
        let house = Database::set(settings)?.open()?;
        house.recall_by(recaller);
        house.compose_with(composer);
        let key = settings.api_key();
        house.set_up(FIRST_TEAM, false).await?;
        let auth = std::sync::Arc::clone(&house.auth);
        let caller =
            StdioCaller::new(auth, key, settings.agent_id.clone(), settings.toolsets.as_deref());
        let sweeping = tokio::spawn(sweep::once_a_day(house.clone()));
        let embedding = tokio::spawn(house.make_vectors());
        let served = serve_stdio(std::sync::Arc::clone(&house.app), caller, stop).await;
        sweeping.abort();
        embedding.abort();
        house.close().await;
        served
    });
    // A read of standard input that is still waiting can't be interrupted; it must not keep us.
    runtime.shutdown_background();
    ended
}
