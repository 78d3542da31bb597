//! The model that is part of the program, and others of the same kind from a folder.

use std::path::Path;
use std::sync::OnceLock;

use minilm::{Model, PackError, Shape};

use super::{Embedder, Vector};
use crate::core::error::{Error, Result};

/// all-MiniLM-L6-v2, or a model of the same kind from a folder.
///
/// The one that is part of the program is opened by the first text: until then it costs nothing.
pub struct BuiltIn {
    shape: Shape,
    model: OnceLock<std::result::Result<Model, PackError>>,
}

impl Default for BuiltIn {
    fn default() -> BuiltIn {
        let shape = minilm::shape(minilm_words::PACK).expect("the program's own pack has a header");
        BuiltIn { shape, model: OnceLock::new() }
    }
}

impl BuiltIn {
    /// Opens a pack in a folder: `words.pack` and `layers.pack`.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when there is none, or it isn't whole.
    pub fn from_folder(folder: &Path) -> Result<BuiltIn> {
        let model = Model::from_folder(folder).map_err(|cause| {
            let rule = match cause {
                PackError::Unreadable(_) => "must be a folder with `words.pack` and `layers.pack`",
                PackError::Foreign => "must hold a pack of the version that this program reads",
                PackError::Mismatch => "must hold two files of the same model",
                PackError::Damaged => "holds a damaged pack",
            };
            Error::invalid("model_dir", rule)
                .with_fix("copy both files again, or leave it out for the built-in model")
                .with_cause(cause)
        })?;
        let shape = model.shape().clone();
        Ok(BuiltIn { shape, model: OnceLock::from(Ok(model)) })
    }

    fn model(&self) -> Result<&Model> {
        let open = || Model::from_static(minilm_words::PACK, minilm_layers::PACK);
        self.model.get_or_init(open).as_ref().map_err(|error| Error::internal(error.to_string()))
    }
}

impl Embedder for BuiltIn {
    fn model(&self) -> &str {
        &self.shape.model
    }

    fn dimensions(&self) -> usize {
        self.shape.dimensions
    }

    fn reach(&self) -> usize {
        // Two mark the ends.
        self.shape.tokens - 2
    }

    fn count(&self, text: &str) -> Result<usize> {
        Ok(self.model()?.count(text))
    }

    fn embed(&self, text: &str) -> Result<Vector> {
        Ok(Vector::of(&self.model()?.embed(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::BuiltIn;
    use crate::core::error::Code;
    use crate::embed::Embedder;

    #[test]
    fn it_says_what_it_is_before_it_is_opened() {
        let model = BuiltIn::default();

        assert_eq!(Embedder::model(&model), "all-MiniLM-L6-v2");
        assert_eq!((model.dimensions(), model.reach()), (384, 254));
        assert!(model.model.get().is_none());
    }

    #[test]
    fn a_pack_from_a_folder_gives_the_same_vectors() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("words.pack"), minilm_words::PACK).expect("a file");
        std::fs::write(folder.path().join("layers.pack"), minilm_layers::PACK).expect("a file");

        let model = BuiltIn::from_folder(folder.path()).expect("the pack opens");

        let text = "Ana owns the billing service.";
        let built_in = BuiltIn::default().embed(text).expect("a vector");
        assert_eq!(model.embed(text).expect("a vector"), built_in);
    }

    #[test]
    fn a_folder_without_a_whole_pack_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let refused = || BuiltIn::from_folder(folder.path()).err().expect("refused");

        let missing = refused();
        let mut words = minilm_words::PACK.to_vec();
        std::fs::write(folder.path().join("layers.pack"), minilm_layers::PACK).expect("a file");
        *words.last_mut().expect("bytes") ^= 1;
        std::fs::write(folder.path().join("words.pack"), &words).expect("a file");
        let changed = refused();
        std::fs::write(folder.path().join("words.pack"), "something else").expect("a file");
        let foreign = refused();

        for (error, word) in [(missing, "folder"), (changed, "damaged"), (foreign, "version")] {
            assert_eq!(error.code(), Code::InvalidArgument);
            assert!(error.message().contains(word), "{}", error.message());
        }
    }
}
