//! What is imported: which form it has, and its records one after the other.

use std::fs::File;
use std::io::{BufRead, BufReader, Lines, Read};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::format::Format;
use crate::core::error::{Error, Result};
use crate::memory::copy::Record;
use crate::store::sqlite::elsewhere::Elsewhere;
use crate::transfer::draft::Found;
use crate::transfer::lines::{Check, Flaw, hexadecimal};
use crate::transfer::{basic, front, graph, markdown, mem0, memory_md, notes, service};

/// The largest file that is read whole: a note, or a file of a bundle.
const FILE_BYTES: u64 = 16 * 1024 * 1024;

/// The largest document of JSON that is read whole.
const DOCUMENT_BYTES: u64 = 256 * 1024 * 1024;

/// One record, or why it can't be one; and where it stands, for people.
pub(super) struct Item {
    pub(super) place: String,
    pub(super) record: Result<Map<String, Value>, String>,
}

/// Records, one after the other; an error is one of reading.
pub(super) type Items = Box<dyn Iterator<Item = Result<Item>>>;

/// A file or folder to import.
pub(super) struct Source {
    path: PathBuf,
    format: Format,
    id: String,
}

impl Source {
    /// Reads it once, so that it is known by what is in it, and damage shows before anything is
    /// taken.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when it can't be read, or isn't of the form.
    pub(super) fn open(path: &Path, format: Option<Format>) -> Result<Self> {
        let format = format.map_or_else(|| Format::of(path), Ok)?;
        let mut source = Self { path: path.to_owned(), format, id: String::new() };
        let mut hash = Sha256::new();
        hash.update(format.name());
        for item in source.items()? {
            if let Ok(record) = item?.record {
                hash.update(Value::Object(record).to_string());
                hash.update("\n");
            }
        }
        source.id = hexadecimal(&hash.finalize());
        source.id.truncate(32);
        Ok(source)
    }

    /// What names this import: the same for the same records and form.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// Its records, from the first.
    ///
    /// # Errors
    /// As [`Source::open`].
    pub(super) fn items(&self) -> Result<Items> {
        let path = self.path.as_path();
        Ok(match self.format {
            Format::Memoranda => Box::new(Sealed::open(path)?),
            Format::Markdown => each_file(path, own_file)?,
            Format::Graph => {
                let lines = (1_u64..).zip(BufReader::new(opened(path)?).lines());
                Box::new(lines.flat_map(|(number, line)| match line {
                    Ok(line) => all(graph::line(&format!("line {number}"), &line)),
                    Err(error) => vec![Err(unreadable(error))],
                }))
            }
            Format::MemoryMd => each_file(path, |_, text| all(memory_md::memories(text)))?,
            Format::Bundle => bundle(path)?,
            Format::Mem0 => document(path)?,
            Format::Service => rows(path)?,
            Format::BasicMemory => each_file(path, |path, text| all(basic::note(path, text)))?,
            Format::Notes => each_file(path, |path, text| all(notes::note(path, text)))?,
        })
    }
}

/// The lines of an export, checked as they come.
struct Sealed {
    lines: Lines<BufReader<File>>,
    number: u64,
    check: Check,
    is_over: bool,
}

impl Sealed {
    fn open(path: &Path) -> Result<Self> {
        let lines = BufReader::new(opened(path)?).lines();
        Ok(Self { lines, number: 0, check: Check::default(), is_over: false })
    }

    fn step(&mut self) -> Option<Result<Item>> {
        loop {
            let Some(line) = self.lines.next() else {
                let rule = format!("must be whole; it was cut off after line {}", self.number);
                return (!self.check.is_whole()).then(|| Err(refused(rule)));
            };
            self.number += 1;
            let passed = line
                .map_err(unreadable)
                .and_then(|line| self.check.pass(&line).map_err(|flaw| flawed(self.number, flaw)));
            let place = format!("line {}", self.number);
            match passed {
                Ok(None) => {}
                Ok(Some(record)) => return Some(Ok(Item { place, record: Ok(record) })),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl Iterator for Sealed {
    type Item = Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let step = self.step();
        self.is_over = !matches!(step, Some(Ok(_)));
        step
    }
}

/// What each file of text below a path holds, in the order of their names; a file alone is one.
fn each_file(
    path: &Path,
    read: impl Fn(&str, &str) -> Vec<Result<Item>> + 'static,
) -> Result<Items> {
    let files = text_files(path)?;
    let root = if path.is_dir() { path } else { path.parent().unwrap_or(path) }.to_owned();
    Ok(Box::new(files.into_iter().flat_map(move |file| {
        let shown = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        match text(&file) {
            Ok(text) => read(&shown, &text),
            Err(rule) => vec![Ok(Item { place: shown, record: Err(rule) })],
        }
    })))
}

/// The files of text below a path. Links are not followed: what is imported lies in the folder.
fn text_files(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let (mut files, mut folders) = (Vec::new(), vec![path.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let kind = entry.file_type().map_err(unreadable)?;
            let (path, name) = (entry.path(), entry.file_name());
            if name.to_string_lossy().starts_with('.') {
                continue;
            }
            let extension = path.extension().map(|end| end.to_string_lossy().to_lowercase());
            let is_text = extension.is_some_and(|end| ["md", "markdown", "txt"].contains(&&*end));
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && is_text {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// A file's text, or why it has none.
fn text(path: &Path) -> Result<String, String> {
    let cannot = |_| "can't be read".to_owned();
    let file = File::open(path).map_err(cannot)?;
    if file.metadata().map_err(cannot)?.len() > FILE_BYTES {
        return Err(format!("is larger than {} MiB", FILE_BYTES / 1024 / 1024));
    }
    let mut bytes = Vec::new();
    file.take(FILE_BYTES).read_to_end(&mut bytes).map_err(cannot)?;
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())
}

fn own_file(path: &str, text: &str) -> Vec<Result<Item>> {
    let record = match front::parted(text) {
        Ok(Some((fields, body))) if markdown::is_ours(&fields) => markdown::record(fields, body),
        Ok(_) => Err("is not a memory of an export".to_owned()),
        Err(rule) => Err(rule),
    };
    vec![Ok(Item { place: path.to_owned(), record })]
}

/// A bundle of the Open Knowledge Format. Memanto's has its memories in a folder of their own;
/// indexes and logs are for reading along.
fn bundle(path: &Path) -> Result<Items> {
    let memories = path.join("memories");
    let root = if memories.is_dir() { memories } else { path.to_owned() };
    each_file(&root, |path, text| {
        let name = path.rsplit('/').next().unwrap_or(path);
        if ["index.md", "log.md"].contains(&name) {
            return Vec::new();
        }
        all(notes::bundled(path, text))
    })
}

fn document(path: &Path) -> Result<Items> {
    let file = opened(path)?;
    if file.metadata().map_err(unreadable)?.len() > DOCUMENT_BYTES {
        let most = DOCUMENT_BYTES / 1024 / 1024;
        return Err(Error::invalid("path", format!("must be at most {most} MiB of JSON")));
    }
    let document: Value = serde_json::from_reader(BufReader::new(file)).map_err(|error| {
        let rule = format!("must be JSON; it isn't, at line {}", error.line());
        Error::invalid("path", rule).with_cause(error)
    })?;
    let list = mem0::memories(&document)
        .ok_or_else(|| Error::invalid("path", "must be a list of memories, as mem0 exports it"))?
        .clone();
    Ok(Box::new(
        (1_u64..)
            .zip(list)
            .flat_map(|(number, memory)| all(mem0::memory(&format!("memory {number}"), &memory))),
    ))
}

fn rows(path: &Path) -> Result<Items> {
    let mut database = Elsewhere::open(path)?;
    let mut after = 0;
    let pages = std::iter::from_fn(move || match database.memories_after(after) {
        Ok(rows) => {
            after = rows.last()?.0;
            Some(rows.into_iter().flat_map(row_items).collect())
        }
        // It can't be gone on with: the error ends what takes these.
        Err(error) => Some(vec![Err(error)]),
    });
    Ok(Box::new(pages.flat_map(|page: Vec<Result<Item>>| page)))
}

fn row_items(
    (number, row): (i64, crate::store::sqlite::elsewhere::ForeignMemory),
) -> Vec<Result<Item>> {
    let row = service::Row {
        content_hash: row.content_hash,
        content: row.content,
        tags: row.tags,
        memory_type: row.memory_type,
        metadata: row.metadata,
        created_at: row.created_at,
    };
    all(service::memory(&format!("row {number}"), &row))
}

/// What was found, as records.
fn all(found: Vec<Found>) -> Vec<Result<Item>> {
    let item = |found: Found| {
        let record = match found.draft {
            Err(rule) => Err(rule),
            Ok(draft) => match serde_json::to_value(Record::Draft(Box::new(draft))) {
                Ok(Value::Object(record)) => Ok(record),
                Ok(_) => return Err(Error::internal("a record is an object")),
                Err(error) => return Err(Error::internal(error)),
            },
        };
        Ok(Item { place: found.place, record })
    };
    found.into_iter().map(item).collect()
}

fn flawed(number: u64, flaw: Flaw) -> Error {
    refused(format!("must be an export; line {number} {}", flaw.rule()))
}

fn refused(rule: String) -> Error {
    Error::invalid("path", rule).with_fix("export it again; nothing was changed")
}

pub(super) fn opened(path: &Path) -> Result<File> {
    File::open(path).map_err(unreadable)
}

pub(super) fn unreadable(error: std::io::Error) -> Error {
    Error::invalid("path", "must be a file or folder that can be read").with_cause(error)
}
