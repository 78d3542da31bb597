//! Vectors of what is written: of short texts before the unit that keeps them, of others soon after.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Recaller, Waits};
use crate::core::error::Result;
use crate::core::id::TeamId;
use crate::embed::{Embedder, Vector, embed_whole};
use crate::identity::permit::Permit;
use crate::memory::memory::Memory;
use crate::store::WriteTx;
use crate::store::pieces::Piece;

/// Texts that a writer waits for, and the longest of them: beyond, milliseconds become tenths of a
/// second.
const TEXTS: usize = 16;
const WORDS: usize = 110;
const BYTES: usize = 1_000;

/// The vectors of some texts that are about to be kept.
#[derive(Debug, Clone, Default)]
pub struct Written {
    model: String,
    pieces: HashMap<String, Vec<Piece>>,
}

impl Written {
    /// Puts the vectors of a memory's text, in the unit that has kept it. Nothing happens where they
    /// aren't made yet.
    ///
    /// # Errors
    /// Those of the store.
    pub fn put(&self, tx: &mut dyn WriteTx, permit: &Permit, memory: &Memory) -> Result<()> {
        let content = &memory.statement.content;
        if let Some(pieces) = self.pieces.get(content) {
            tx.put_pieces(permit, memory.id, content, &self.model, pieces)?;
        }
        Ok(())
    }

    /// Whether words alone find a text for now, because its vectors are made later.
    #[must_use]
    pub fn is_pending(&self, content: &str) -> bool {
        !self.model.is_empty() && !self.pieces.contains_key(content)
    }
}

impl Recaller {
    /// Embeds texts that are about to be kept, as far as a writer should wait for that: a few short
    /// ones, where a core is free. The others are the worker's, which is to be told by
    /// [`Recaller::has_work`] once they are kept.
    pub async fn embed_written(self: &Arc<Self>, texts: &[&str]) -> Written {
        let Some(embedder) = self.embedder.clone() else { return Written::default() };
        let mut written =
            Written { model: embedder.model().to_owned(), pieces: HashMap::default() };
        let short: Vec<String> =
            texts.iter().filter(|text| is_short(text)).map(|text| (*text).to_owned()).collect();
        if short.is_empty() || texts.len() > TEXTS || embedder.is_elsewhere() {
            return written;
        }
        // No place is no reason to wait: the worker makes up for it when the rush is over.
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { return written };
        let waits = Waits::begin(self);
        let made = tokio::task::spawn_blocking(move || {
            let _place = place;
            let pieces_of = |text: String| {
                let pieces = pieces(embedder.as_ref(), &text)?;
                Ok((text, pieces))
            };
            short.into_iter().map(pieces_of).collect::<Result<HashMap<_, _>>>()
        });
        match made.await {
            Ok(Ok(pieces)) => written.pieces = pieces,
            Ok(Err(error)) => {
                tracing::error!(cause = ?error.cause(), "the embedding model fails; vectors wait");
            }
            Err(_) => tracing::error!("embedding panicked; vectors wait"),
        }
        drop(waits);
        written
    }

    /// Tells the worker that a team's texts were kept without vectors.
    pub fn has_work(&self, team: TeamId) {
        self.work.add(team);
    }
}

fn is_short(text: &str) -> bool {
    text.len() <= BYTES && text.split_whitespace().take(WORDS + 1).count() <= WORDS
}

/// The vectors of a text as the store keeps them.
pub(super) fn pieces(embedder: &dyn Embedder, text: &str) -> Result<Vec<Piece>> {
    let vectors = embed_whole(embedder, text)?;
    let piece = |(within, vector): (_, Vector)| Piece {
        within,
        values: vector.values,
        scale: vector.scale,
    };
    Ok(vectors.into_iter().map(piece).collect())
}
