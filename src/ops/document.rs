//! A document as arguments for `remember`: each part a memory, with its place in the document.

use serde_json::{Value, json};

use crate::core::document::{self, ENDINGS, Format};
use crate::core::error::{Error, Result};
use crate::core::text::one_line;

/// The items of a document's parts, in their order: at least one.
///
/// # Errors
/// `INVALID_ARGUMENT` for a name whose ending isn't known, with a reason in its details; for a
/// document that holds nothing, and as [`document::parts`].
pub fn items(name: &str, bytes: &[u8]) -> Result<Vec<Value>> {
    let format = Format::of(name).ok_or_else(|| {
        Error::invalid("file", format!("must be named as one of these are: {ENDINGS}"))
            .with_fix("save it as text, and upload that")
            .with_detail("reason", json!("unsupported_file_type"))
    })?;
    let name = one_line(name, 64);
    let parts = document::parts(format, bytes)?;
    if parts.is_empty() {
        return Err(Error::invalid("file", "must hold something that can be kept"));
    }
    let item = |(position, part): (usize, document::Part)| {
        let mut item = json!({
            "content": part.content,
            "source": "upload",
            "source_ref": format!("{name}#{}", part.place),
            "thread": name,
            "position": position,
            "provenance": "imported",
            "visibility": "team",
        });
        if let Some(title) = part.title {
            item["title"] = json!(title);
        }
        item
    };
    Ok(parts.into_iter().enumerate().map(item).collect())
}
