//! `memoranda upload`: a document, kept part by part.
//!
//! Its parts go to `remember` a hundred at a time, each batch under a key that is a hash of the
//! document: one that was cut off goes on when it is started again, and nothing is doubled.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tracing::level_filters::LevelFilter;

use super::operate::{self, Side};
use super::{log, runtime, show};
use crate::config::Settings;
use crate::core::error::{Code, Error, Result};
use crate::ops;
use crate::transfer::lines::hexadecimal;

/// Memories that are kept in one unit.
const AT_ONCE: usize = 100;

/// The largest document: it is read whole, and cut before anything of it is kept.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

pub(super) fn command() -> Command {
    operate::sided(Command::new("upload"))
        .about("Keeps a document part by part: .txt, .md, .csv or .json")
        .long_about(
            "Keeps a document part by part: passages of .txt and .md, rows of .csv, elements of \
             .json, each with its place in the document. At most 64 MiB.",
        )
        .arg(
            Arg::new("file")
                .value_name("FILE")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("The document"),
        )
}

/// Keeps the document and says how much of it is new.
pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<()> {
    log::set_up(settings.log.as_deref(), LevelFilter::WARN)?;
    let path = matches.get_one::<PathBuf>("file").expect("clap demands it");
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bytes = read(path)?;
    let items = ops::document::items(&name, &bytes)?;
    let mut hash = Sha256::new();
    hash.update(&name);
    hash.update([0]);
    hash.update(&bytes);
    let hash = hexadecimal(&hash.finalize());
    let kept = runtime()?.block_on(keep(&items, &hash, settings))?;
    let answer = json!({
        "file_name": name,
        "file_size": bytes.len(),
        "memories": items.len(),
        "known": items.len() - kept,
    });
    show::either(&answer, matches);
    Ok(())
}

/// Keeps the parts; gives how many are new.
async fn keep(items: &[Value], hash: &str, settings: &Settings) -> Result<usize> {
    let entry = ops::find("remember").expect("the catalogue has it");
    let side = Side::open(settings).await?;
    let kept = async {
        let mut kept = 0;
        for (number, batch) in items.chunks(AT_ONCE).enumerate() {
            let key = format!("upload-{hash}-{number}");
            let arguments = json!({ "items": batch, "idempotency_key": key });
            let answer = side.ask(entry, arguments).await?;
            let answers = answer["items"].as_array().map(Vec::as_slice).unwrap_or_default();
            kept += answers.iter().filter(|one| one["duplicate_of"].is_null()).count();
        }
        Ok(kept)
    }
    .await;
    side.close().await;
    kept
}

/// The whole file, if it isn't too large.
fn read(path: &Path) -> Result<Vec<u8>> {
    let unreadable =
        |error| Error::invalid("file", "must be a file that can be read").with_cause(error);
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MOST_BYTES {
        return Err(Error::new(Code::TooLarge, "`file` must be at most 64 MiB")
            .with_fix("cut it in parts, and upload these"));
    }
    std::fs::read(path).map_err(unreadable)
}
