//! The forms that are known, and how one is told from another.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde_json::Value;

use super::source::{opened, unreadable};
use crate::core::error::{Error, Result};
use crate::transfer::{basic, front, graph, markdown, memory_md};

/// How much of a file is looked at to find out what it is.
const LOOKED_AT: u64 = 64 * 1024;

/// A form in which memories come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Our own lossless export.
    Memoranda,
    /// Our own Markdown.
    Markdown,
    /// The reference memory server's graph.
    Graph,
    /// Memanto's single file.
    MemoryMd,
    /// A bundle of the Open Knowledge Format, Memanto's or another's.
    Bundle,
    Mem0,
    /// mcp-memory-service's database.
    Service,
    BasicMemory,
    Notes,
}

impl Format {
    pub(super) const ALL: [Self; 9] = [
        Self::Memoranda,
        Self::Markdown,
        Self::Graph,
        Self::MemoryMd,
        Self::Bundle,
        Self::Mem0,
        Self::Service,
        Self::BasicMemory,
        Self::Notes,
    ];

    /// The name that `--format` takes.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Format::Memoranda => "memoranda",
            Format::Markdown => "markdown",
            Format::Graph => "mcp-memory",
            Format::MemoryMd => "memory-md",
            Format::Bundle => "okf",
            Format::Mem0 => "mem0",
            Format::Service => "mcp-memory-service",
            Format::BasicMemory => "basic-memory",
            Format::Notes => "notes",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The form of what lies at a path, found out by looking into it.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when it can't be read, or is none that is known.
    pub(super) fn of(path: &Path) -> Result<Self> {
        if path.is_dir() {
            return of_folder(path);
        }
        let mut beginning = Vec::new();
        opened(path)?.take(LOOKED_AT).read_to_end(&mut beginning).map_err(unreadable)?;
        if beginning.starts_with(b"SQLite format 3\0") {
            return Ok(Format::Service);
        }
        let text = String::from_utf8_lossy(&beginning);
        of_text(&text, path).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|format| format.name()).collect();
            Error::invalid("path", "is of no form that can be told")
                .with_fix(format!("say which it is: --format {}", names.join(", ")))
        })
    }
}

/// The form of a file by its beginning.
fn of_text(text: &str, path: &Path) -> Option<Format> {
    let extension = path.extension().map(|end| end.to_string_lossy().to_lowercase());
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    if first.starts_with('{') {
        if let Ok(Value::Object(object)) = serde_json::from_str(first)
            && object.get("record").is_some_and(|record| record == "header")
        {
            return Some(Format::Memoranda);
        }
        if graph::is_line(first) {
            return Some(Format::Graph);
        }
    }
    if first.trim_start().starts_with(['[', '{']) && extension.as_deref() != Some("jsonl") {
        return Some(Format::Mem0);
    }
    is_prose(extension.as_deref()).then(|| of_note(text))
}

fn is_prose(extension: Option<&str>) -> bool {
    matches!(extension, Some("md" | "markdown" | "txt"))
}

fn of_note(text: &str) -> Format {
    if memory_md::is_one(text) {
        return Format::MemoryMd;
    }
    if let Ok(Some((fields, _))) = front::parted(text) {
        if markdown::is_ours(&fields) {
            return Format::Markdown;
        }
        if fields.contains_key("x_memanto") {
            return Format::Bundle;
        }
    }
    if basic::is_one(text) { Format::BasicMemory } else { Format::Notes }
}

/// The form of a folder: that of the first of its notes that isn't a plain one.
fn of_folder(path: &Path) -> Result<Format> {
    let mut folders = vec![path.to_owned()];
    let mut looked_at = 0;
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(folder).map_err(unreadable)?;
        for entry in entries {
            let entry = entry.map_err(unreadable)?;
            let kind = entry.file_type().map_err(unreadable)?;
            let path = entry.path();
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let extension = path.extension().map(|end| end.to_string_lossy().to_lowercase());
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && is_prose(extension.as_deref()) {
                let format = of_note(&beginning(&path)?);
                if format != Format::Notes {
                    return Ok(format);
                }
                looked_at += 1;
            }
            // What is plain so often is plain.
            if looked_at > 200 {
                return Ok(Format::Notes);
            }
        }
    }
    if looked_at > 0 {
        return Ok(Format::Notes);
    }
    Err(Error::invalid("path", "must be a folder with files of text in it"))
}

fn beginning(path: &Path) -> Result<String> {
    let mut text = String::new();
    let mut reader = BufReader::new(opened(path)?.take(LOOKED_AT));
    loop {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
            return Ok(text);
        }
        text.push_str(&String::from_utf8_lossy(&line));
    }
}
