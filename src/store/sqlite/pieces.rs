//! [`crate::store::pieces`] on SQLite.

use std::collections::HashMap;

use rusqlite::types::ToSql;
use rusqlite::{Row, named_params};

use super::columns::as_json;
use super::memories::{AT_LARGE, AUTHOR, SELECT, memory_row, quoted_names};
use super::sight::SEEN;
use super::tx::SqliteTx;
use crate::core::error::Result;
use crate::core::id::{MemoryId, TeamId};
use crate::identity::permit::Permit;
use crate::memory::fields::Status;
use crate::memory::memory::Memory;
use crate::memory::search::Filter;
use crate::store::pieces::{
    Change, EmbeddingTx, Indexed, Piece, PieceRead, PieceWrite, Unembedded,
};

/// The team's next number of a change.
pub(super) const NEXT_CHANGE: &str = "(SELECT 1 + coalesce(max(number), 0) FROM (
        SELECT max(change_number) AS number FROM memories WHERE team_id = :team
        UNION ALL
        SELECT max(change_number) FROM memory_removals WHERE team_id = :team) numbers)";

/// What a memory's vectors become where its content does, in an update: those of another text go.
pub(super) const KEPT_PIECES: &str = "CASE WHEN :status = 'forgotten' THEN ''
        WHEN content = :content AND pieces_model <> '' THEN pieces_model END";

/// The memories that have no vectors of a model, in the order in which they are made.
const MISSING: [&str; 3] = [
    "pieces_model IS NULL",
    "pieces_model > '' AND pieces_model < :model",
    "pieces_model > :model",
];

impl PieceRead for SqliteTx<'_> {
    fn index_changes(
        &mut self,
        permit: &Permit,
        model: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Change>> {
        let (team, most) = (permit.team(), i64::try_from(limit).unwrap_or(i64::MAX));
        let sql = format!(
            "{SELECT}, m.is_accepted, m.change_number FROM memories m {AUTHOR}
             WHERE m.team_id = :team AND m.change_number > :after
             ORDER BY m.change_number LIMIT :limit"
        );
        let params = named_params! { ":team": team, ":after": after, ":limit": most };
        let mut changes: Vec<Change> = self
            .statement(&sql)?
            .query_map(params, change_row)?
            .collect::<rusqlite::Result<_>>()?;
        let last = changes.last().filter(|_| changes.len() >= limit);
        let last = last.map_or(i64::MAX, |change| change.number);
        self.add_pieces_to(&mut changes, team, model, after, last)?;
        if after > 0 {
            let sql = "SELECT change_number, memory_id FROM memory_removals
                       WHERE team_id = :team AND change_number > :after
                         AND change_number <= :last";
            let params = named_params! { ":team": team, ":after": after, ":last": last };
            let mut statement = self.statement(sql)?;
            let gone = statement.query_map(params, |row| {
                Ok(Change { number: row.get(0)?, id: row.get(1)?, now: None })
            })?;
            for change in gone {
                changes.push(change?);
            }
            changes.sort_unstable_by_key(|change| change.number);
        }
        Ok(changes)
    }

    /// A file has one.
    fn history(&self) -> i64 {
        0
    }

    fn memories_by_id(
        &mut self,
        permit: &Permit,
        ids: &[MemoryId],
        filter: &Filter,
    ) -> Result<Vec<Memory>> {
        let statuses = quoted_names(filter.status.among());
        // Joined in this order: from a list of values the plan would look through the whole team.
        let from = format!(
            "{SELECT} FROM json_each(:ids) wanted CROSS JOIN memories m {AUTHOR}
             WHERE m.memory_id = wanted.value
               AND m.status IN ({statuses}) AND {AT_LARGE} AND {SEEN}"
        );
        let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let texts = as_json(&texts);
        let params: [(&str, &dyn ToSql); 1] = [(":ids", &texts)];
        self.find(permit, &from, " LIMIT :limit", &params, filter, ids.len(), memory_row)
    }
}

impl SqliteTx<'_> {
    /// Lets go of the vectors of a memory whose text they aren't of any more.
    pub(super) fn drop_old_pieces(&mut self, team: TeamId, id: MemoryId) -> Result<()> {
        let sql = "DELETE FROM memory_pieces
                   WHERE team_id = :team AND memory_id = :id AND NOT EXISTS (
                       SELECT 1 FROM memories WHERE team_id = :team AND memory_id = :id
                          AND pieces_model <> '')";
        self.statement(sql)?.execute(named_params! { ":team": team, ":id": id })?;
        Ok(())
    }

    /// Gives changed memories the vectors that they have of a model.
    fn add_pieces_to(
        &mut self,
        changes: &mut [Change],
        team: TeamId,
        model: &str,
        after: i64,
        last: i64,
    ) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let sql = "SELECT p.memory_id, p.begins, p.ends, p.scale, p.vector
                   FROM memories m
                   JOIN memory_pieces p ON p.team_id = m.team_id AND p.memory_id = m.memory_id
                   WHERE m.team_id = :team AND m.change_number > :after
                     AND m.change_number <= :last AND p.model = :model
                   ORDER BY m.change_number, p.piece";
        let params =
            named_params! { ":team": team, ":after": after, ":last": last, ":model": model };
        let mut places: HashMap<MemoryId, usize> = HashMap::with_capacity(changes.len());
        places.extend(changes.iter().enumerate().map(|(at, change)| (change.id, at)));
        let mut statement = self.statement(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            let place = places.get(&row.get("memory_id")?).copied();
            if let Some(now) = place.and_then(|at| changes[at].now.as_mut()) {
                now.pieces.push(piece_row(row)?);
            }
        }
        Ok(())
    }
}

fn change_row(row: &Row<'_>) -> rusqlite::Result<Change> {
    let memory = memory_row(row)?;
    let id = memory.id;
    let is_found = !matches!(memory.status, Status::Forgotten | Status::Quarantined);
    let now = Indexed { memory, is_accepted: row.get("is_accepted")?, pieces: Vec::new() };
    Ok(Change { number: row.get("change_number")?, id, now: is_found.then(|| Box::new(now)) })
}

fn piece_row(row: &Row<'_>) -> rusqlite::Result<Piece> {
    let vector = row.get_ref("vector")?.as_blob()?;
    let place = |column| row.get(column).map(|at: i64| usize::try_from(at).unwrap_or(0));
    #[expect(clippy::cast_possible_truncation, reason = "it was written as one of 32 bits")]
    let scale = row.get::<_, f64>("scale")? as f32;
    Ok(Piece {
        within: place("begins")?..place("ends")?,
        values: vector.iter().map(|byte| byte.cast_signed()).collect(),
        scale,
    })
}

impl PieceWrite for SqliteTx<'_> {
    fn put_pieces(
        &mut self,
        permit: &Permit,
        id: MemoryId,
        content: &str,
        model: &str,
        pieces: &[Piece],
    ) -> Result<bool> {
        self.put_missing_pieces(permit.team(), id, content, model, pieces)
    }

    fn note_removal(&mut self, permit: &Permit, id: MemoryId) -> Result<()> {
        let sql = format!(
            "INSERT INTO memory_removals (team_id, change_number, memory_id)
             VALUES (:team, {NEXT_CHANGE}, :id)"
        );
        let params = named_params! { ":team": permit.team(), ":id": id };
        self.statement(&sql)?.execute(params)?;
        Ok(())
    }
}

impl EmbeddingTx for SqliteTx<'_> {
    fn teams(&mut self) -> Result<Vec<TeamId>> {
        let mut statement = self.statement("SELECT team_id FROM teams ORDER BY team_id")?;
        let teams = statement.query_map([], |row| row.get(0))?;
        Ok(teams.collect::<rusqlite::Result<_>>()?)
    }

    fn pieces_missing(
        &mut self,
        team: TeamId,
        model: &str,
        limit: usize,
    ) -> Result<Vec<Unembedded>> {
        let mut found = Vec::new();
        for condition in MISSING {
            let sql = format!(
                "SELECT memory_id, content FROM memories
                 WHERE team_id = :team AND {condition} AND status <> 'forgotten'
                 ORDER BY pieces_model DESC, change_number DESC LIMIT :limit"
            );
            let most = i64::try_from(limit - found.len()).unwrap_or(i64::MAX);
            let mut params: Vec<(&str, &dyn ToSql)> = vec![(":team", &team), (":limit", &most)];
            if condition.contains(":model") {
                params.push((":model", &model));
            }
            let mut statement = self.statement(&sql)?;
            let rows = statement.query_map(&*params, |row| {
                Ok(Unembedded { id: row.get(0)?, content: row.get(1)? })
            })?;
            for row in rows {
                found.push(row?);
            }
        }
        Ok(found)
    }

    fn count_pieces_missing(&mut self, team: TeamId, model: &str) -> Result<u64> {
        let [none, below, above] = MISSING;
        let sql = format!(
            "SELECT count(*) FROM memories
             WHERE team_id = :team AND ({none} OR ({below}) OR {above})
               AND status <> 'forgotten'"
        );
        let params = named_params! { ":team": team, ":model": model };
        let count: i64 = self.statement(&sql)?.query_row(params, |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    fn put_missing_pieces(
        &mut self,
        team: TeamId,
        id: MemoryId,
        content: &str,
        model: &str,
        pieces: &[Piece],
    ) -> Result<bool> {
        let sql = format!(
            "UPDATE memories SET pieces_model = :model, change_number = {NEXT_CHANGE}
             WHERE team_id = :team AND memory_id = :id AND content = :content
               AND status <> 'forgotten'"
        );
        let changed = self.statement(&sql)?.execute(named_params! {
            ":team": team,
            ":id": id,
            ":content": content,
            ":model": model,
        })?;
        if changed == 0 {
            return Ok(false);
        }
        self.statement("DELETE FROM memory_pieces WHERE team_id = :team AND memory_id = :id")?
            .execute(named_params! { ":team": team, ":id": id })?;
        let sql = "INSERT INTO memory_pieces (
                       team_id, memory_id, piece, begins, ends, model, scale, vector)
                   VALUES (:team, :id, :piece, :begins, :ends, :model, :scale, :vector)";
        let mut statement = self.statement(sql)?;
        for (number, piece) in (0_i64..).zip(pieces) {
            let vector: Vec<u8> = piece.values.iter().map(|value| value.cast_unsigned()).collect();
            statement.execute(named_params! {
                ":team": team,
                ":id": id,
                ":piece": number,
                ":begins": i64::try_from(piece.within.start).unwrap_or(i64::MAX),
                ":ends": i64::try_from(piece.within.end).unwrap_or(i64::MAX),
                ":model": model,
                ":scale": f64::from(piece.scale),
                ":vector": vector,
            })?;
        }
        Ok(true)
    }
}
