//! What an index should know of a collection of which it holds only a part.

use std::collections::HashMap;

/// Numbers of a whole collection, as one reader sees it. They may be estimated: they only say how
/// rare a word is and how long a text is for this collection.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Collection {
    /// Into how many parts its texts are cut.
    pub parts: usize,
    /// How many words a part has on average.
    pub length: f32,
    /// How many parts hold a word, for the words that are looked for.
    pub holding: HashMap<String, usize>,
}
