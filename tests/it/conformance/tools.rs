//! Where the foreign programs of these tests are, and what happens without them.

use std::path::{Path, PathBuf};

/// The folder that `.ci/tools.sh` filled: `MEMORANDA_TOOLS`, or `target/tools`.
///
/// `None` where it isn't there: a test then says so and does nothing, because a laptop need not
/// have Node.
///
/// # Panics
/// In CI, where a test that doesn't run would pass for one that passed.
#[expect(clippy::print_stderr, reason = "a test that is skipped must say so")]
pub fn folder() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::var_os("MEMORANDA_TOOLS")
        .map_or_else(|| root.join("target/tools"), PathBuf::from);
    if folder.join("stamp").is_file() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "{} has no test clients: run .ci/tools.sh",
        folder.display()
    );
    eprintln!("SKIPPED: {} has no test clients; run .ci/tools.sh", folder.display());
    None
}

/// Node, from that folder.
pub fn node(folder: &Path) -> PathBuf {
    folder.join("bin/node")
}

/// Python with the official client, from that folder.
pub fn python(folder: &Path) -> PathBuf {
    folder.join("venv/bin/python")
}
