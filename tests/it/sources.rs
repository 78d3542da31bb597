//! The project's own files, for tests that read them.

use std::path::{Path, PathBuf};

/// The root of the source.
pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Folders that hold nothing of ours.
const FOREIGN: [&str; 4] = [".git", "target", "node_modules", "venv"];

/// A file: its path from the root, with `/`, and its text.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    pub fn has_extension(&self, extensions: &[&str]) -> bool {
        let extension = Path::new(&self.path).extension().and_then(|end| end.to_str());
        extension.is_some_and(|end| extensions.contains(&end))
    }

    /// The file's name without its extension.
    pub fn stem(&self) -> &str {
        Path::new(&self.path).file_stem().and_then(|stem| stem.to_str()).expect("a name")
    }
}

/// Every text file below a folder of the root, in the order of their paths; none where there is no
/// such folder.
pub fn below(folder: &str) -> Vec<File> {
    let mut files = Vec::new();
    let mut waiting = vec![Path::new(ROOT).join(folder)];
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let entry = entry.expect("an entry");
            let name = entry.file_name();
            let is_folder = entry.file_type().expect("a kind").is_dir();
            if is_folder && !FOREIGN.iter().any(|foreign| name == *foreign) {
                waiting.push(entry.path());
            } else if let Ok(text) = std::fs::read_to_string(entry.path()) {
                files.push(File { path: shown(&entry.path()), text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// The names of what lies directly in a folder of the root, sorted.
pub fn names(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(Path::new(ROOT).join(folder)).expect("the folder is there");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn shown(path: &Path) -> String {
    let inner: PathBuf = path.strip_prefix(ROOT).expect("below the root").to_owned();
    inner.to_string_lossy().replace('\\', "/")
}

/// Rust source without its comments, line for line.
pub fn without_comments(text: &str) -> String {
    let code = |line: &str| {
        // A `//` in a string is rare enough here to be taken for a comment.
        let end = line.match_indices("//").map(|(at, _)| at).find(|at| !line[..*at].ends_with(':'));
        line[..end.unwrap_or(line.len())].to_owned()
    };
    text.lines().map(code).collect::<Vec<_>>().join("\n")
}
