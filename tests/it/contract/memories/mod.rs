//! Memories: how one is kept and changed, who sees it, and what finds it.

mod change;
mod changes;
mod filters;
mod keep;
mod life;
mod lists;
mod proposals;
mod sight;
mod status;
mod words;

use memoranda::memory::draft::Draft;

use super::team::draft;

/// A memory with its own title.
fn titled(title: &str, content: &str) -> Draft {
    Draft { title: Some(title.to_owned()), ..draft(content) }
}

/// A memory that its author alone sees.
fn private(content: &str) -> Draft {
    Draft { visibility: Some(memoranda::memory::fields::Visibility::Agent), ..draft(content) }
}

/// A memory with tags.
fn tagged(tags: &[&str], content: &str) -> Draft {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    Draft { tags: Some(tags), ..draft(content) }
}
