//! A small sentence-embedding transformer (the BERT kind, such as all-MiniLM-L6-v2) that computes with
//! whole numbers, from weights in a pack of about a fifth of their published size.
//!
//! A text becomes word pieces (`tokenizer.rs`), pieces become a unit vector (`network.rs`), by one of
//! several [`Kernel`]s that all give the same bits. The weights are rounded and coded (`write.rs`,
//! `code.rs`) so that the vectors keep a cosine of 0.999 with those of the published weights.
//!
//! Open [`Model`] first, then `network.rs`.

mod code;
mod floats;
mod half;
mod kernels;
mod network;
mod pack;
mod source;
mod table;
mod tokenizer;
pub mod write;

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

pub use kernels::{Kernel, scan};
use network::Room;
use source::Source;

/// Names of the two files of a pack in a folder: words, then layers.
pub const FILES: [&str; 2] = ["words.pack", "layers.pack"];

/// What a pack says of its model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The model's published name.
    pub model: String,
    /// SHA-256 of the weights that the pack was made from, in hexadecimal.
    pub source: String,
    /// The licence of the weights, as SPDX names it.
    pub licence: String,
    /// Numbers in a vector.
    pub dimensions: usize,
    /// Layers of the network.
    pub layers: usize,
    /// Attention heads of a layer.
    pub heads: usize,
    /// Width of the middle of a layer.
    pub inner: usize,
    /// Word pieces that are known.
    pub vocabulary: usize,
    /// Word pieces of a text that are read, with the two that mark its ends.
    pub tokens: usize,
}

impl Shape {
    /// The numbers, by the names that they have in a header.
    pub(crate) fn numbers(&self) -> [(&'static str, usize); 6] {
        [
            ("dimensions", self.dimensions),
            ("layers", self.layers),
            ("heads", self.heads),
            ("inner", self.inner),
            ("vocabulary", self.vocabulary),
            ("tokens", self.tokens),
        ]
    }

    /// Refuses what the network can't compute, or what nobody means.
    fn check(&self) -> Result<(), PackError> {
        let step = floats::LANES;
        let fits = (step..=4096).contains(&self.dimensions)
            && (step..=16384).contains(&self.inner)
            && self.inner.is_multiple_of(step)
            && (1..=64).contains(&self.layers)
            && (1..=64).contains(&self.heads)
            && self.dimensions.is_multiple_of(self.heads * step)
            && (4..=1 << 20).contains(&self.vocabulary)
            && (2..=8192).contains(&self.tokens);
        if fits { Ok(()) } else { Err(PackError::Foreign) }
    }
}

/// Why a pack can't be opened.
#[derive(Debug)]
pub enum PackError {
    /// Not a pack, or one of another version or kind.
    Foreign,
    /// The two files are of different models.
    Mismatch,
    /// Cut short or changed.
    Damaged,
    /// The files can't be read.
    Unreadable(std::io::Error),
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PackError::Foreign => "not a pack that this version reads",
            PackError::Mismatch => "the two files of the pack belong to different models",
            PackError::Damaged => "the pack is damaged",
            PackError::Unreadable(_) => "the files of the pack can't be read",
        })
    }
}

impl std::error::Error for PackError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            PackError::Unreadable(error) => Some(error),
            _ => None,
        }
    }
}

/// Bytes of a room that is kept for the next text: that of a sentence is, that of a long text isn't.
const LARGEST_ROOM: usize = 1 << 20;

/// A model, ready to embed.
pub struct Model {
    shape: Shape,
    tokenizer: tokenizer::Tokenizer,
    network: network::Network,
    kernel: Kernel,
    /// What was computed in and may be again: at most one for each text that was embedded at once.
    rooms: Mutex<Vec<Room>>,
}

impl Model {
    /// Opens a pack that is part of the program.
    ///
    /// Decodes the layers (some tens of milliseconds, 11 MB for a model of six layers); the words stay
    /// where they are and are read as they are wanted: from the program's file, where the system says
    /// where they lie in it, so that they don't stay in memory. The checksums are left to [`is_whole`].
    ///
    /// # Errors
    /// If it isn't a pack.
    pub fn from_static(words: &'static [u8], layers: &'static [u8]) -> Result<Model, PackError> {
        Model::open(&Source::of_program(words), &Source::of_program(layers))
    }

    /// Opens a pack in a folder: [`FILES`], with their checksums.
    ///
    /// # Errors
    /// If the files can't be read, aren't a pack, or aren't whole.
    pub fn from_folder(folder: &Path) -> Result<Model, PackError> {
        let read = |name| std::fs::read(folder.join(name)).map_err(PackError::Unreadable);
        let (words, layers) = (read(FILES[0])?, read(FILES[1])?);
        if !is_whole(&words)? || !is_whole(&layers)? {
            return Err(PackError::Damaged);
        }
        Model::open(&Source::Held(words), &Source::Held(layers))
    }

    fn open(words: &Source, layers: &Source) -> Result<Model, PackError> {
        let (shape, tokenizer, network) = pack::open(words, layers)?;
        Ok(Model { shape, tokenizer, network, kernel: Kernel::best(), rooms: Mutex::default() })
    }

    /// What the pack says of the model.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The numbers of a text's word pieces, with the two that mark its ends, cut off where the model
    /// stops reading.
    #[must_use]
    pub fn pieces(&self, text: &str) -> Vec<u32> {
        self.tokenizer.encode(text, self.shape.tokens)
    }

    /// How many word pieces a text has, however many the model reads; without the two at its ends.
    #[must_use]
    pub fn count(&self, text: &str) -> usize {
        self.tokenizer.encode(text, usize::MAX).len() - 2
    }

    /// The unit vector of a text, with the fastest kernel. What is beyond the model's reach is left out.
    #[must_use]
    pub fn embed(&self, text: &str) -> Vec<f32> {
        self.embed_with(self.kernel, text)
    }

    /// The unit vector of a text with a certain kernel: the same numbers with every one.
    #[must_use]
    pub fn embed_with(&self, kernel: Kernel, text: &str) -> Vec<f32> {
        let rooms = || self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        let mut room = rooms().pop().unwrap_or_default();
        let vector = kernel.run(&self.network, &mut room, &self.pieces(text));
        if room.bytes() <= LARGEST_ROOM {
            rooms().push(room);
        }
        vector
    }
}

/// What a pack's file says of its model, without opening it.
///
/// # Errors
/// If it isn't a pack.
pub fn shape(file: &[u8]) -> Result<Shape, PackError> {
    pack::shape(file)
}

/// Whether the payload of a pack's file is what its header says.
///
/// # Errors
/// If it isn't a pack.
pub fn is_whole(file: &[u8]) -> Result<bool, PackError> {
    pack::is_whole(file)
}
