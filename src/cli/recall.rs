//! What finds memories, as it is set: the built-in model, another one, or words alone.

use std::path::Path;
use std::sync::Arc;

use clap::Arg;

use super::flag;
use crate::config::Settings;
use crate::core::error::Result;
use crate::embed::{BuiltIn, Elsewhere, Embedder};
use crate::recall::{Recaller, USUAL_BYTES, USUAL_INDEX_FROM};

/// The flags of the commands that find memories.
pub(super) fn flags() -> [Arg; 6] {
    [
        ("no-model", "BOOL", "Find memories by words alone, without any model"),
        ("model-dir", "DIR", "A folder with the pack of another embedding model"),
        (
            "embed-url",
            "URL",
            "An OpenAI-compatible server of embeddings, in place of the built-in model",
        ),
        ("embed-model", "NAME", "The model that it is asked for"),
        ("recall-memory", "MIB", "What the indexes of all teams may take together [default: 1024]"),
        (
            "vector-index-from",
            "VECTORS",
            "Vectors of a team from which the database's own index finds the nearest, where it has pgvector; 0 for never [default: 200000]",
        ),
    ]
    .map(|(name, value, help)| {
        let flag = flag(name, value, help).hide_short_help(true).help_heading("Recall");
        if name == "no-model" { flag.num_args(0..=1).default_missing_value("true") } else { flag }
    })
}

/// What finds memories by these settings. Nothing is loaded yet, and no host is asked.
///
/// # Errors
/// `INVALID_ARGUMENT` for a folder without a pack, or a URL that isn't one.
pub fn recaller(settings: &Settings) -> Result<Recaller> {
    let lines = &settings.recall;
    let embedder: Option<Arc<dyn Embedder>> = if lines.no_model == Some(true) {
        None
    } else if let (Some(url), Some(model)) = (&lines.embed_url, &lines.embed_model) {
        Some(Arc::new(Elsewhere::new(url, model, settings.embed_key())?))
    } else if let Some(folder) = &lines.model_dir {
        Some(Arc::new(BuiltIn::from_folder(Path::new(folder))?))
    } else {
        Some(Arc::new(BuiltIn::default()))
    };
    let most_bytes = lines.recall_memory.map_or(USUAL_BYTES, |mib| (mib as usize) << 20);
    let index_from = lines.vector_index_from.map_or(USUAL_INDEX_FROM, |from| from as usize);
    let index_from = (index_from > 0).then_some(index_from);
    Ok(Recaller::new(embedder, most_bytes).indexing_from(index_from))
}
