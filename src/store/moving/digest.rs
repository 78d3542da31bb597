//! What a table holds, in one number that is the same on every engine.

use sha2::{Digest as _, Sha256};

use super::plan::Pair;
use super::{Cell, Kind, Shape, Side, WORDS};
use crate::core::error::{Error, Result};

/// Rows that are read at once.
pub(super) const PAGE: usize = 1_000;

/// How many rows a table has, and the hash of all of them in the order of their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    pub table: String,
    pub rows: u64,
    /// 64 hexadecimal digits.
    pub hash: String,
}

/// Reads one side of a table whole.
pub(super) fn of(
    side: &mut dyn Side,
    shape: &Shape,
    pair: &Pair,
    mut watch: impl FnMut(u64),
) -> Result<Digest> {
    let mut hash = Sha256::new();
    let (mut rows, mut after) = (0, None);
    loop {
        let page = side.page(shape, after.as_deref(), PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some(shape.key_of(last));
        for row in &page {
            add_row(&mut hash, pair, row)?;
        }
        rows += page.len() as u64;
        watch(rows);
    }
    Ok(Digest { table: shape.table.clone(), rows, hash: shown(hash) })
}

/// Which memories full text finds. What the words are is made of the memories on both sides.
pub(super) fn of_words(side: &mut dyn Side, mut watch: impl FnMut(u64)) -> Result<Digest> {
    let mut hash = Sha256::new();
    let (mut rows, mut after) = (0, None);
    loop {
        let page = side.worded(after.as_ref(), PAGE)?;
        let Some((team, memory)) = page.last() else { break };
        after = Some((*team, memory.id));
        for (team, memory) in &page {
            add_cell(&mut hash, &Cell::Text(team.to_string()));
            add_cell(&mut hash, &Cell::Text(memory.id.to_string()));
        }
        rows += page.len() as u64;
        watch(rows);
    }
    Ok(Digest { table: WORDS.to_owned(), rows, hash: shown(hash) })
}

/// One hash of all tables: what tells a source that has changed.
pub(super) fn of_all(digests: &[Digest]) -> String {
    let mut hash = Sha256::new();
    for digest in digests {
        add_cell(&mut hash, &Cell::Text(digest.table.clone()));
        add_cell(&mut hash, &Cell::Text(digest.hash.clone()));
    }
    shown(hash)
}

fn add_row(hash: &mut Sha256, pair: &Pair, row: &[Cell]) -> Result<()> {
    for (at, cell) in row.iter().enumerate() {
        let is_json =
            [&pair.source, &pair.target].iter().any(|side| side.columns[at].1 == Kind::Json);
        match cell {
            // One engine keeps JSON as it was written, the other as it understood it.
            Cell::Text(text) if is_json => add_cell(hash, &Cell::Text(canonical(text)?)),
            cell => add_cell(hash, cell),
        }
    }
    Ok(())
}

/// A value so that no two values, and no two rows of values, give the same bytes.
fn add_cell(hash: &mut Sha256, cell: &Cell) {
    let (tag, bytes): (u8, &[u8]) = match cell {
        Cell::Null => (0, &[]),
        Cell::Whole(value) => (1, &value.to_be_bytes()),
        // One engine keeps the sign of zero, the other doesn't.
        Cell::Real(value) => (2, &(value + 0.0).to_bits().to_be_bytes()),
        Cell::Text(value) => (3, value.as_bytes()),
        Cell::Bytes(value) => (4, value),
    };
    hash.update([tag]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

/// JSON without spaces, the fields of its objects by name.
pub(in crate::store) fn canonical(text: &str) -> Result<String> {
    fn sorted(value: serde_json::Value) -> serde_json::Value {
        match value {
            serde_json::Value::Array(list) => list.into_iter().map(sorted).collect(),
            serde_json::Value::Object(fields) => {
                let mut fields: Vec<_> = fields.into_iter().collect();
                fields.sort_unstable_by(|one, other| one.0.cmp(&other.0));
                fields.into_iter().map(|(name, value)| (name, sorted(value))).collect()
            }
            plain => plain,
        }
    }
    serde_json::from_str(text).map(|value| sorted(value).to_string()).map_err(Error::internal)
}

fn shown(hash: Sha256) -> String {
    use std::fmt::Write as _;
    hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(cells: &[Cell]) -> String {
        let mut hash = Sha256::new();
        for cell in cells {
            add_cell(&mut hash, cell);
        }
        shown(hash)
    }

    #[test]
    fn no_two_rows_of_values_are_alike() {
        let text = |text: &str| Cell::Text(text.to_owned());
        let rows = [
            vec![text("ab"), text("c")],
            vec![text("a"), text("bc")],
            vec![text("abc")],
            vec![Cell::Null, text("abc")],
            vec![text(""), text("abc")],
            vec![Cell::Bytes(b"abc".to_vec())],
            vec![Cell::Whole(0)],
            vec![Cell::Real(0.0)],
        ];

        let hashes: std::collections::BTreeSet<String> = rows.iter().map(|row| hash(row)).collect();

        assert_eq!(hashes.len(), rows.len());
    }

    #[test]
    fn zero_has_no_sign() {
        assert_eq!(hash(&[Cell::Real(-0.0)]), hash(&[Cell::Real(0.0)]));
    }

    #[test]
    fn json_is_compared_as_it_is_understood() {
        let written = canonical(r#"{"b": [1, {"y":2, "x":"ä"}], "a":null}"#).expect("JSON");

        assert_eq!(written, r#"{"a":null,"b":[1,{"x":"ä","y":2}]}"#);
    }
}
