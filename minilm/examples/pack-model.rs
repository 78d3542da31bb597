//! Makes the pack of the built-in embedding model from its published weights.
//!
//!     cargo run --example pack-model -- MODEL_FOLDER OUT
//!
//! `minilm/README.md` says where MODEL_FOLDER comes from.

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(from), Some(to), None) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: pack-model MODEL_FOLDER OUT".into());
    };

    let weights = std::fs::read(from.join("model.safetensors"))?;
    let vocabulary = std::fs::read(from.join("vocab.txt"))?;
    let files = minilm::write::pack(&weights, &vocabulary)?;

    std::fs::create_dir_all(&to)?;
    for (name, bytes) in minilm::FILES.iter().zip(files) {
        std::fs::write(to.join(name), bytes)?;
    }
    Ok(())
}
