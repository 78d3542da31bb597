//! The layers of all-MiniLM-L6-v2, packed; `NOTICE` says where they come from.

/// The file, for `minilm::Model::from_static`.
pub static PACK: &[u8] = include_bytes!("../layers.pack");
