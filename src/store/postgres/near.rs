//! [`crate::store::near`] on PostgreSQL, by pgvector: what is asked of the indexes that
//! `vectors.rs` makes.
//!
//! The indexes are partial, one team's each, so statements are planned with their values: the team
//! must be known for its index to be taken.

use std::collections::HashMap;

use tokio_postgres::Row;

use super::columns::{Column, Value};
use super::memories::{AT_LARGE, AUTHOR, SELECT, memory_row, quoted_names};
use super::pieces::piece_row;
use super::sight::{Eyes, SEEN};
use super::tx::PgTx;
use super::vectors::{self, LAST_PLACE, PLACE};
use super::words;
use crate::core::error::Result;
use crate::core::id::MemoryId;
use crate::identity::permit::Permit;
use crate::memory::fields::Named as _;
use crate::memory::search::{Filter, Statuses};
use crate::store::near::{Near, NearRead, RARE, REACH, SAMPLE, Sampled, Sought, Vectors};
use crate::store::pieces::Indexed;

/// For this transaction. An index scan that found too few after filtering goes on, up to a bound.
const SETTINGS: &str = "SELECT set_config('plan_cache_mode', 'force_custom_plan', true),
    set_config('hnsw.ef_search', '200', true),
    set_config('hnsw.iterative_scan', 'relaxed_order', true),
    set_config('hnsw.max_scan_tuples', '40000', true)";

/// How many memories may hold two common words together for both to be looked for at once.
const TOGETHER: f64 = 20_000.0;

/// How many common words are looked for together, and how many of the newest are taken for each.
const COMMON: usize = 4;
const NEWEST: i64 = 40;

/// How far a text is cut into parts, as `memory/index/postings.rs` does it.
const PARTS: &str =
    "(CASE WHEN w.length <= 165 THEN 1 ELSE 1 + ceil((w.length - 165) / 115.0) END)";

impl NearRead for PgTx<'_> {
    fn near(&mut self) -> Option<&mut dyn Near> {
        Some(self)
    }
}

impl Near for PgTx<'_> {
    fn is_indexed(&mut self, permit: &Permit, vectors: &Vectors) -> Result<bool> {
        debug_assert_eq!(permit.team(), vectors.team);
        let (name, _) = vectors::names(vectors);
        let found = self.all_rows(&[(vectors::IS_READY, &[("name", &name)]), (SETTINGS, &[])])?;
        Ok(found.first().is_some_and(|rows| !rows.is_empty()))
    }

    fn count_holding(
        &mut self,
        permit: &Permit,
        words: &[String],
        filter: &Filter,
    ) -> Result<Vec<u64>> {
        let from = format!(
            "SELECT count(*) AS count FROM (
                 SELECT 1 FROM memory_words w
                 JOIN memories m ON m.team_id = w.team_id AND m.memory_id = w.memory_id
                 WHERE w.team_id = :team AND w.lexemes @@ :lexeme::text::tsquery AND {} AND {SEEN}",
            stands(filter.status)
        );
        let order = format!(" LIMIT {RARE}) found");
        let mut counts = Vec::with_capacity(words.len());
        for lexeme in words::queries(permit.team(), words).1 {
            let params: [(&str, &dyn Column); 1] = [("lexeme", &lexeme)];
            counts.extend(self.find(permit, &from, &order, &params, filter, None, count_row)?);
        }
        Ok(counts)
    }

    fn count_seen(&mut self, permit: &Permit, filter: &Filter) -> Result<u64> {
        let from = format!(
            "SELECT count(*) AS count FROM memories m WHERE {} AND {SEEN}",
            stands(filter.status)
        );
        let counts = self.find(permit, &from, "", &[], filter, None, count_row)?;
        Ok(counts.first().copied().unwrap_or(0))
    }

    fn sample(&mut self, permit: &Permit, words: &[String], filter: &Filter) -> Result<Sampled> {
        let limit = usize::try_from(SAMPLE).unwrap_or(usize::MAX);
        let order = " ORDER BY m.created_at DESC, m.memory_id DESC LIMIT :limit";
        let mut ids = Vec::new();
        for status in filter.status.among() {
            let from = format!(
                "SELECT m.memory_id FROM memories m
                 WHERE m.status = '{}' AND {AT_LARGE} AND {SEEN}",
                status.as_str()
            );
            ids.extend(self.find(permit, &from, order, &[], filter, Some(limit), id_row)?);
        }
        // Their beginnings are times.
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids.truncate(limit);
        let sql = format!(
            "WITH counted AS MATERIALIZED (
                 SELECT w.length, w.lexemes FROM memory_words w
                 WHERE w.team_id = :team AND w.memory_id = ANY(:ids)),
             spoken AS MATERIALIZED (
                 SELECT m.speaker, m.agent_id FROM memories m
                 WHERE m.team_id = :team AND m.memory_id = ANY(:ids))
             SELECT (SELECT avg({PARTS})::float8 FROM counted w) AS parts,
                    (SELECT sum(w.length)::float8 / sum({PARTS})::float8 FROM counted w) AS words,
                    ARRAY(SELECT (SELECT count(*) FROM counted w WHERE w.lexemes @@ asked.lexeme)
                          FROM unnest(:lexemes::text[]::tsquery[])
                               WITH ORDINALITY asked (lexeme, place)
                          ORDER BY place) AS holding,
                    ARRAY(SELECT speaker FROM spoken WHERE speaker IS NOT NULL
                          UNION
                          SELECT slug FROM agents WHERE team_id = :team
                             AND agent_id IN (SELECT agent_id FROM spoken)) AS names"
        );
        let lexemes = words::queries(permit.team(), words).1;
        let memories = u64::try_from(ids.len()).unwrap_or(u64::MAX);
        let ids = texts(&ids);
        let params: [(&str, &dyn Column); 3] =
            [("team", &permit.team()), ("ids", &ids), ("lexemes", &lexemes)];
        let Some(row) = self.row(&sql, &params)? else { return Ok(Sampled::default()) };
        let holding: Vec<i64> = row.try_get("holding")?;
        Ok(Sampled {
            memories,
            parts: row.try_get::<_, Option<f64>>("parts")?.unwrap_or(1.0),
            words: row.try_get::<_, Option<f64>>("words")?.unwrap_or(1.0),
            holding: holding.into_iter().map(i64::unsigned_abs).collect(),
            names: row.try_get("names")?,
        })
    }

    fn authors_in(&mut self, permit: &Permit, text: &str) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT a.slug FROM agents a
             WHERE a.team_id = :team AND strpos(lower(:text), lower(a.slug)) > 0
               AND EXISTS (SELECT 1 FROM memories m
                           WHERE m.agent_id = a.agent_id AND {AT_LARGE} AND {SEEN})"
        );
        let eyes = Eyes::of(permit);
        let mut params: Vec<(&str, &dyn Column)> = eyes.params().to_vec();
        params.push(("text", &text));
        self.rows(&sql, &params)?.iter().map(|row| Ok(row.try_get("slug")?)).collect()
    }

    fn holding(
        &mut self,
        permit: &Permit,
        sought: &[Sought],
        length: f64,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<MemoryId>> {
        let all: Vec<String> = sought.iter().map(|sought| sought.word.clone()).collect();
        let (_, lexemes) = words::queries(permit.team(), &all);
        let (any, common) = query(sought, &lexemes);
        let from = format!(
            "SELECT w.memory_id FROM memory_words w
             JOIN memories m ON m.team_id = w.team_id AND m.memory_id = w.memory_id
             WHERE w.team_id = :team AND w.lexemes @@ :any::text::tsquery AND {} AND {SEEN}",
            stands(filter.status)
        );
        let mut found = Vec::new();
        if !any.is_empty() {
            // As BM25 would put them if each word stood in them once.
            let order = " ORDER BY (
                    SELECT sum(asked.worth)
                    FROM unnest(:lexemes::text[]::tsquery[], :worths::float8[])
                         asked (lexeme, worth)
                    WHERE w.lexemes @@ asked.lexeme)
                    / (1 + 0.9 * (0.6 + 0.4 * least(w.length, 140)::float8 / :length)) DESC,
                m.memory_id DESC LIMIT :limit";
            let worths = Value::Many(sought.iter().map(|one| Value::Real(one.worth)).collect());
            let params: [(&str, &dyn Column); 4] =
                [("any", &any), ("lexemes", &lexemes), ("worths", &worths), ("length", &length)];
            found = self.find(permit, &from, order, &params, filter, Some(limit), id_row)?;
        }
        let newest = " ORDER BY m.created_at DESC, m.memory_id DESC LIMIT :newest";
        for lexeme in common {
            let params: [(&str, &dyn Column); 2] = [("any", lexeme), ("newest", &NEWEST)];
            found.extend(self.find(permit, &from, newest, &params, filter, None, id_row)?);
        }
        Ok(found)
    }

    fn nearest(
        &mut self,
        permit: &Permit,
        vectors: &Vectors,
        values: &[i8],
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<MemoryId>> {
        let Some(schema) = self.row(vectors::SCHEMA, &[])? else { return Ok(Vec::new()) };
        let schema: String = schema.try_get("schema")?;
        let (measured, applies) = (vectors::measured(&schema, vectors), vectors::applies(vectors));
        let from = format!(
            "SELECT p.memory_id FROM memory_pieces p
             JOIN memories m ON m.team_id = p.team_id AND m.memory_id = p.memory_id
             WHERE p.team_id = :team AND p.model = :model AND {applies}
               AND {} AND {SEEN}",
            stands(filter.status)
        );
        let dimensions = vectors.dimensions;
        let order = format!(
            " ORDER BY ({measured})
                OPERATOR({schema}.<=>) :question::text::{schema}.halfvec({dimensions})
              LIMIT :limit"
        );
        let question = format!("{values:?}");
        let params: [(&str, &dyn Column); 2] = [("model", &vectors.model), ("question", &question)];
        self.find(permit, &from, &order, &params, filter, Some(limit), id_row)
    }

    fn beside(
        &mut self,
        permit: &Permit,
        ids: &[MemoryId],
        status: Statuses,
    ) -> Result<Vec<MemoryId>> {
        let side = |sign: &str, way: &str| {
            format!(
                "(SELECT m.memory_id FROM memories m
                  WHERE {} AND {SEEN} AND m.thread = c.thread AND ({PLACE}) {sign}
                        (coalesce(c.position, {LAST_PLACE}), c.created_at, c.memory_id)
                  ORDER BY coalesce(m.position, {LAST_PLACE}) {way}, m.created_at {way},
                           m.memory_id {way}
                  LIMIT :reach)",
                stands(status)
            )
        };
        let sql = format!(
            "SELECT DISTINCT beside.memory_id FROM memories c
             CROSS JOIN LATERAL ({} UNION ALL {}) beside
             WHERE c.team_id = :team AND c.memory_id = ANY(:ids) AND c.thread IS NOT NULL",
            side("<", "DESC"),
            side(">", "ASC")
        );
        let eyes = Eyes::of(permit);
        let ids = texts(ids);
        let mut params: Vec<(&str, &dyn Column)> = eyes.params().to_vec();
        let reach = i64::try_from(REACH).unwrap_or(i64::MAX);
        params.extend([("ids", &ids as &dyn Column), ("reach", &reach)]);
        self.rows(&sql, &params)?.iter().map(id_row).collect()
    }

    fn indexed(
        &mut self,
        permit: &Permit,
        model: &str,
        ids: &[MemoryId],
        status: Statuses,
    ) -> Result<Vec<Indexed>> {
        let sql = format!(
            "{SELECT}, m.is_accepted FROM memories m {AUTHOR}
             WHERE m.memory_id = ANY(:ids) AND {} AND {SEEN}",
            stands(status)
        );
        let pieces = "SELECT p.memory_id, p.begins, p.ends, p.scale, p.vector FROM memory_pieces p
                      WHERE p.team_id = :team AND p.memory_id = ANY(:ids) AND p.model = :model
                      ORDER BY p.memory_id, p.piece";
        let eyes = Eyes::of(permit);
        let ids = texts(ids);
        let mut params: Vec<(&str, &dyn Column)> = eyes.params().to_vec();
        params.extend([("ids", &ids as &dyn Column), ("model", &model)]);
        let found = self.all_rows(&[(&sql, &params), (pieces, &params)])?;
        let [memories, pieces] = found.as_slice() else { return Ok(Vec::new()) };
        let mut of: HashMap<MemoryId, Vec<_>> = HashMap::new();
        for row in pieces {
            of.entry(row.try_get("memory_id")?).or_default().push(piece_row(row)?);
        }
        let one = |row: &Row| {
            let memory = memory_row(row)?;
            let pieces = of.remove(&memory.id).unwrap_or_default();
            Ok(Indexed { memory, is_accepted: row.try_get("is_accepted")?, pieces })
        };
        memories.iter().map(one).collect()
    }
}

/// Which words are looked for together, as a query, and which are so common that the newest stand for
/// all that hold them.
fn query<'l>(sought: &[Sought], lexemes: &'l [String]) -> (String, Vec<&'l String>) {
    let is_rare = |one: &Sought| one.holding < RARE as f64;
    let mut common: Vec<usize> = (0..sought.len()).filter(|at| !is_rare(&sought[*at])).collect();
    common.sort_by(|a, b| sought[*a].holding.total_cmp(&sought[*b].holding));
    common.truncate(COMMON);
    let rare = (0..sought.len()).filter(|at| is_rare(&sought[*at])).map(|at| lexemes[at].clone());
    let mut any: Vec<String> = rare.collect();
    let all = sought.iter().fold(1.0_f64, |most, one| most.max(one.holding));
    for (at, first) in common.iter().enumerate() {
        for second in &common[at + 1..] {
            // As if they had nothing to do with each other, and none stood in more than twice as
            // many as the commonest of them.
            let both = sought[*first].holding * sought[*second].holding / (2.0 * all);
            if both <= TOGETHER {
                any.push(format!("({} & {})", lexemes[*first], lexemes[*second]));
            }
        }
    }
    if any.is_empty() && common.len() > 1 {
        let all: Vec<&str> = common.iter().map(|at| lexemes[*at].as_str()).collect();
        any.push(format!("({})", all.join(" & ")));
    }
    (any.join(" | "), common.into_iter().map(|at| &lexemes[at]).collect())
}

/// That a memory has one of the statuses and isn't out of sight.
fn stands(status: Statuses) -> String {
    format!("m.status IN ({}) AND {AT_LARGE}", quoted_names(status.among()))
}

fn texts(ids: &[MemoryId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

fn id_row(row: &Row) -> Result<MemoryId> {
    Ok(row.try_get("memory_id")?)
}

fn count_row(row: &Row) -> Result<u64> {
    Ok(row.try_get::<_, i64>("count")?.unsigned_abs())
}
