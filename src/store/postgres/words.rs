//! Full text: what stands in `memory_words`, and what is asked of it.
//!
//! Our words are the lexemes as they are: no dictionary and no text search configuration sees them.
//! How often each stands where is kept beside, because a `tsvector` counts no further than 255; the
//! order is made by `memory/bm25.rs`.

use std::collections::BTreeMap;

use serde_json::json;
use tokio_postgres::Row;

use super::tx::PgTx;
use crate::core::error::Result;
use crate::core::id::{MemoryId, TeamId};
use crate::memory::bm25::{Found, Totals};
use crate::memory::memory::IndexedWords;

/// A word that stands in the content once, as [`packed`] gives it.
const USUAL: i64 = 1;

/// What stands beside the words of every memory but turns of conversations, so that what is looked for
/// among those passes over no turn. No word has a space in it.
const NO_TURN: &str = " no turn";

/// The memories of a team that hold any of some words; whether one may be found is the condition
/// that follows.
pub(super) const FOUND: &str = "SELECT w.memory_id, w.length,
        ARRAY(SELECT CASE WHEN w.lexemes @@ asked.lexeme
                          THEN coalesce((w.counts -> asked.word)::bigint, 1) ELSE 0 END
              FROM unnest(:lexemes::text[]::tsquery[], :words::text[])
                   WITH ORDINALITY asked (lexeme, word, place)
              ORDER BY place) AS counts,
        coalesce(";

/// What follows the condition.
pub(super) const FOUND_END: &str = ", FALSE) AS is_wanted
        FROM memory_words w
        JOIN memories m ON m.team_id = w.team_id AND m.memory_id = w.memory_id
        WHERE w.team_id = :team AND w.lexemes @@ :any::text::tsquery";

/// The lexeme of a team's word. Teams whose marks are equal read some of each other's index, and
/// never rows: those are looked up by team as well.
fn lexeme(team: TeamId, word: &str) -> String {
    let team = team.to_string();
    // The end of an id is random, its beginning is a time.
    format!("{}{word}", &team[team.len() - 4..])
}

/// A lexeme as the query language reads it, whatever it is made of.
fn quoted(lexeme: &str) -> String {
    format!("'{}'", lexeme.replace('\\', "\\\\").replace('\'', "''"))
}

/// The query for any of the words, and the query for each.
pub(super) fn queries(team: TeamId, words: &[String]) -> (String, Vec<String>) {
    let each: Vec<String> = words.iter().map(|word| quoted(&lexeme(team, word))).collect();
    (each.join(" | "), each)
}

/// The query for memories that hold, for any one of what is sought, a word of each of its groups; but
/// for turns of conversations.
pub(super) fn all_of_any(team: TeamId, sought: &[Vec<Vec<String>>]) -> String {
    let any = |group: &Vec<String>| format!("({})", queries(team, group).0);
    let all = |groups: &Vec<Vec<String>>| {
        format!("({})", groups.iter().map(any).collect::<Vec<_>>().join(" & "))
    };
    let any = sought.iter().map(all).collect::<Vec<_>>().join(" | ");
    format!("({any}) & {}", quoted(&lexeme(team, NO_TURN)))
}

/// How often a word stands in title, labels and content, in one number.
fn packed(counts: [i64; 3]) -> i64 {
    counts[0] << 40 | counts[1] << 20 | counts[2]
}

fn unpacked(packed: i64) -> [u32; 3] {
    [packed >> 40, packed >> 20, packed].map(|count| u32::try_from(count & 0xF_FFFF).unwrap_or(0))
}

/// Adds a memory's words.
pub(super) fn add(
    tx: &mut PgTx<'_>,
    team: TeamId,
    id: MemoryId,
    words: &IndexedWords,
) -> Result<()> {
    let length = add_uncounted(tx, team, id, words)?;
    count(tx, team, 1, length)
}

/// Counts words that were added into what the team's memories hold altogether.
pub(super) fn count(tx: &mut PgTx<'_>, team: TeamId, memories: i64, length: i64) -> Result<()> {
    let sql = "UPDATE word_totals SET memories = memories + :memories, words = words + :length
               WHERE team_id = :team";
    tx.execute(sql, &[("team", &team), ("memories", &memories), ("length", &length)])
}

/// Adds a memory's words; gives how many there are. Whoever calls it counts them.
pub(super) fn add_uncounted(
    tx: &mut PgTx<'_>,
    team: TeamId,
    id: MemoryId,
    words: &IndexedWords,
) -> Result<i64> {
    let mut length = 0_i64;
    let mut counts: BTreeMap<&str, [i64; 3]> = BTreeMap::new();
    for (field, text) in [&words.title, &words.labels, &words.content].into_iter().enumerate() {
        for word in text.split_ascii_whitespace() {
            counts.entry(word).or_default()[field] += 1;
            length += 1;
        }
    }
    let mut lexemes: Vec<String> = counts.keys().map(|word| lexeme(team, word)).collect();
    if !words.is_turn {
        lexemes.push(lexeme(team, NO_TURN));
    }
    let unusual: serde_json::Map<_, _> = counts
        .into_iter()
        .map(|(word, counts)| (word, packed(counts)))
        .filter(|(_, packed)| *packed != USUAL)
        .map(|(word, packed)| (word.to_owned(), json!(packed)))
        .collect();
    let sql = "INSERT INTO memory_words (team_id, memory_id, length, counts, lexemes)
               VALUES (:team, :id, :length, :counts::text::jsonb,
                       array_to_tsvector(:lexemes::text[]))";
    let counts = serde_json::Value::Object(unusual).to_string();
    tx.execute(
        sql,
        &[
            ("team", &team),
            ("id", &id),
            ("length", &length),
            ("counts", &counts),
            ("lexemes", &lexemes),
        ],
    )?;
    Ok(length)
}

/// Takes a memory's words out, if it has any.
pub(super) fn remove(tx: &mut PgTx<'_>, team: TeamId, id: MemoryId) -> Result<()> {
    let sql = "WITH gone AS (DELETE FROM memory_words WHERE team_id = :team AND memory_id = :id
                             RETURNING length)
               UPDATE word_totals t SET memories = t.memories - 1, words = t.words - gone.length
               FROM gone WHERE t.team_id = :team";
    tx.execute(sql, &[("team", &team), ("id", &id)])
}

/// What a team's memories hold altogether.
pub(super) fn totals(tx: &mut PgTx<'_>, team: TeamId) -> Result<Totals> {
    let sql = "SELECT memories, words FROM word_totals WHERE team_id = :team";
    let row = tx.row(sql, &[("team", &team)])?;
    row.map_or(Ok(Totals { memories: 0, words: 0 }), |row| {
        Ok(Totals { memories: row.try_get("memories")?, words: row.try_get("words")? })
    })
}

/// Reads a row of [`FOUND`].
pub(super) fn found(row: &Row) -> Result<Found> {
    let counts: Vec<i64> = row.try_get("counts")?;
    Ok(Found {
        id: row.try_get("memory_id")?,
        length: row.try_get("length")?,
        counts: counts.into_iter().map(unpacked).collect(),
        is_wanted: row.try_get("is_wanted")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_survive_in_one_number() {
        for counts in [[0, 0, 1], [1, 0, 0], [3, 20_000, 70_000], [0, 1, 0]] {
            let expected = counts.map(|count| u32::try_from(count).expect("small"));
            assert_eq!(unpacked(packed(counts)), expected);
        }
        assert_eq!(packed([0, 0, 1]), USUAL);
    }

    #[test]
    fn a_lexeme_is_quoted_whatever_it_is_made_of() {
        assert_eq!(quoted("it's a \\ | b:*"), r"'it''s a \\ | b:*'");
    }
}
