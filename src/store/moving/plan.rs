//! Which tables travel, with which columns, and in which order.

use super::{Column, Kind, PROGRESS, Shape, Table};
use crate::core::error::{Code, Error, Result};

/// Tables that don't travel, and why. Every other one must stand on both sides.
pub const ASIDE: [(&str, &str); 5] = [
    ("migrations", "each engine's own; both sides have the same before anything moves"),
    (PROGRESS, "the move itself"),
    ("memory_words", "made again from the memories, as each engine indexes in its own way"),
    ("word_totals", "made again with the words"),
    ("key_teams", "made again from the keys, on the engine that has it"),
];

/// Columns that don't travel, and why: table, column, reason.
pub const ASIDE_COLUMNS: [(&str, &str, &str); 1] =
    [("memories", "entry", "numbers a row for the index of one engine; the other has none")];

/// A table that travels.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) source: Shape,
    pub(super) target: Shape,
}

impl Pair {
    pub(super) fn name(&self) -> &str {
        &self.source.table
    }
}

/// What travels, each table after those that it refers to.
#[derive(Debug)]
pub struct Plan {
    pub(super) pairs: Vec<Pair>,
}

impl Plan {
    /// Matches the tables of two schemas.
    ///
    /// # Errors
    /// `CONFLICT` when a table or column stands on one side alone and isn't listed here, or the sides
    /// keep it in ways that can't be converted. A test keeps our own tables from that.
    pub fn new(source: &[Table], target: &[Table]) -> Result<Self> {
        let travels = |table: &&Table| ASIDE.iter().all(|(name, _)| *name != table.name);
        let lost = |ours: &[Table], others: &[Table]| {
            let is_known = |table: &Table| others.iter().any(|other| other.name == table.name);
            ours.iter().filter(travels).find(|table| !is_known(table)).map(|one| one.name.clone())
        };
        if let Some(name) = lost(source, target).or_else(|| lost(target, source)) {
            return Err(unknown(&name, "stands on one side alone"));
        }
        let mut pairs = Vec::new();
        for to in in_order(target.iter().filter(travels).collect())? {
            let from = source.iter().find(|from| from.name == to.name);
            let from = from.ok_or_else(|| unknown(&to.name, "stands on one side alone"))?;
            // One key for both: they must be walked in the same order.
            let key = key(from, to).ok_or_else(|| unknown(&to.name, "has no key of both sides"))?;
            pairs.push(Pair { source: shape(from, to, key)?, target: shape(to, from, key)? });
        }
        Ok(Self { pairs })
    }

    /// The names of the tables that travel.
    #[must_use]
    pub fn tables(&self) -> Vec<String> {
        self.pairs.iter().map(|pair| pair.name().to_owned()).collect()
    }
}

/// The part of a table that travels, given the other side's.
fn shape(table: &Table, other: &Table, key: &[String]) -> Result<Shape> {
    let travels = |column: &&Column| travels(&table.name, &column.name);
    let mut columns = Vec::new();
    for column in table.columns.iter().filter(travels) {
        let theirs = other.columns.iter().find(|theirs| theirs.name == column.name);
        let kinds = column.kind.zip(theirs.and_then(|theirs| theirs.kind));
        let kind = kinds.and_then(|(ours, theirs)| converts(ours, theirs).then_some(ours));
        let kind = kind.ok_or_else(|| unknown(&table.name, "has a column that can't be moved"))?;
        columns.push((column.name.clone(), kind, column.declared.clone()));
    }
    columns.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    let place = |name: &String| columns.iter().position(|(column, ..)| column == name);
    let key = key.iter().filter_map(place).collect();
    Ok(Shape { table: table.name.clone(), columns, key })
}

fn travels(table: &str, column: &str) -> bool {
    !ASIDE_COLUMNS.iter().any(|(of, name, _)| *of == table && *name == column)
}

/// A key that both sides have, of columns that travel and are never empty: the one that is primary on
/// a side, if there is one. Which side is which makes no difference, or hashes of two moves would.
fn key<'t>(source: &Table, target: &'t Table) -> Option<&'t [String]> {
    let is_sound = |table: &Table, name: &String| {
        let column = table.columns.iter().find(|column| column.name == *name);
        column.is_some_and(|column| column.is_required) && travels(&table.name, name)
    };
    let of_both = target.keys.iter().enumerate().filter_map(|(place, key)| {
        let other = source.keys.iter().position(|theirs| theirs == key)?;
        let all_sound = key.iter().all(|name| is_sound(source, name) && is_sound(target, name));
        all_sound.then_some((place.min(other), key))
    });
    of_both.min().map(|(_, key)| key.as_slice())
}

/// Whether what one kind holds the other can hold.
fn converts(ours: Kind, theirs: Kind) -> bool {
    use Kind::{Json, Text, Truth, Whole};
    let pairs = [(Whole, Truth), (Text, Json)];
    ours == theirs || pairs.contains(&(ours, theirs)) || pairs.contains(&(theirs, ours))
}

/// Tables by name, each after those that it refers to.
fn in_order(mut left: Vec<&Table>) -> Result<Vec<&Table>> {
    left.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    let mut placed: Vec<&Table> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |table: &&&Table| {
            table.refers_to.iter().any(|name| left.iter().any(|other| other.name == *name))
        };
        let Some(at) = left.iter().position(|table| !waits(&table)) else {
            return Err(unknown(&left[0].name, "refers to itself, directly or around"));
        };
        placed.push(left.remove(at));
    }
    Ok(placed)
}

fn unknown(table: &str, what: &str) -> Error {
    Error::new(Code::Conflict, format!("the table `{table}` can't be moved: it {what}"))
        .with_fix("keep tables that aren't memoranda's out of its database")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, columns: &[(&str, Kind)], keys: &[&[&str]], refers_to: &[&str]) -> Table {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let column = |(name, kind): &(&str, Kind)| Column {
            name: (*name).to_owned(),
            kind: Some(*kind),
            declared: "X".to_owned(),
            is_required: true,
        };
        Table {
            name: name.to_owned(),
            columns: columns.iter().map(column).collect(),
            keys: keys.iter().map(|key| own(key)).collect(),
            refers_to: own(refers_to),
        }
    }

    #[test]
    fn a_table_comes_after_those_it_refers_to() {
        let id = [("id", Kind::Text)];
        let tables = [
            table("a", &id, &[&["id"]], &["c"]),
            table("b", &id, &[&["id"]], &[]),
            table("c", &id, &[&["id"]], &["b"]),
        ];

        let plan = Plan::new(&tables, &tables).expect("sound");

        assert_eq!(plan.tables(), ["b", "c", "a"]);
    }

    #[test]
    fn what_only_one_side_has_is_a_defect() {
        let whole = table("a", &[("id", Kind::Text), ("n", Kind::Whole)], &[&["id"]], &[]);
        let lacking = table("a", &[("id", Kind::Text)], &[&["id"]], &[]);
        let other = table("z", &[("id", Kind::Text)], &[&["id"]], &[]);
        let bytes = table("a", &[("id", Kind::Text), ("n", Kind::Bytes)], &[&["id"]], &[]);
        let around = table("a", &[("id", Kind::Text)], &[&["id"]], &["a"]);

        for (source, target) in [
            (vec![whole.clone()], vec![lacking.clone()]),
            (vec![lacking.clone()], vec![whole.clone()]),
            (vec![whole.clone()], vec![whole.clone(), other]),
            (vec![whole.clone()], vec![]),
            (vec![whole], vec![bytes]),
            (vec![around.clone()], vec![around]),
        ] {
            assert!(Plan::new(&source, &target).is_err(), "{source:?} {target:?}");
        }
    }

    #[test]
    fn the_key_is_the_same_in_both_directions() {
        let columns = [("a", Kind::Text), ("b", Kind::Text), ("entry", Kind::Whole)];
        let one = table("memories", &columns, &[&["entry"], &["a"], &["b"]], &[]);
        let other = table("memories", &columns, &[&["b"], &["a"]], &[]);

        for (source, target) in [(&one, &other), (&other, &one)] {
            assert_eq!(key(source, target), Some(&["b".to_owned()][..]));
        }
    }

    #[test]
    fn both_sides_walk_by_a_key_that_both_have() {
        let columns = [("entry", Kind::Whole), ("id", Kind::Text), ("is_on", Kind::Whole)];
        let one = table("memories", &columns, &[&["entry"], &["id"]], &[]);
        let other = table("memories", &[("is_on", Kind::Truth), columns[1]], &[&["id"]], &[]);

        let plan = Plan::new(&[one], &[other]).expect("sound");

        let pair = &plan.pairs[0];
        assert_eq!((&pair.source.key, &pair.target.key), (&vec![0], &vec![0]));
        let kinds = |shape: &Shape| shape.columns.iter().map(|column| column.1).collect::<Vec<_>>();
        assert_eq!(kinds(&pair.source), [Kind::Text, Kind::Whole]);
        assert_eq!(kinds(&pair.target), [Kind::Text, Kind::Truth]);
    }
}
