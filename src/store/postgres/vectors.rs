//! Indexes of vectors, by pgvector: made beside everything else, for one team and one model each.
//!
//! What is indexed is an expression over the vectors as they are kept, so there is nothing to fill, to
//! keep in step or to move: the index is part of each commit. Nothing here is a step of the schema,
//! because most databases never need it and some may not have it.

use std::fmt;

use sha2::{Digest, Sha256};

use super::Pool;
use super::link::Link;
use crate::core::error::{Code, Error, Result};
use crate::store::examine::Finding;
use crate::store::near::{Indexing, Vectors};

/// The oldest version whose scans go on when a filter leaves too few.
const LEAST_VERSION: (u32, u32) = (0, 8);

/// Where a memory stands that has no position in its thread.
pub(super) const LAST_PLACE: &str = "9223372036854775807::bigint";

/// The place of a memory `m` in its thread, as the index has it.
pub(super) const PLACE: &str =
    "coalesce(m.position, 9223372036854775807::bigint), m.created_at, m.memory_id";

/// Whether an index of a name is there and whole.
pub(super) const IS_READY: &str = "SELECT 1 FROM pg_class c
    JOIN pg_index i ON i.indexrelid = c.oid
    WHERE c.relname = :name::text AND c.relnamespace = current_schema()::regnamespace
      AND i.indisvalid";

/// The schema that pgvector was put into, ready to be written before a name.
pub(super) const SCHEMA: &str = "SELECT quote_ident(n.nspname) AS schema FROM pg_extension e
    JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'";

/// What pgvector is on a server and in a database.
const FOUND: &str = "SELECT default_version::text AS offered, installed_version::text AS installed
    FROM pg_available_extensions WHERE name = 'vector'";

/// One at a time in a database. Not waited for: whoever waits inside a transaction would be waited
/// for by who makes the index.
const LOCK: &str = "SELECT pg_try_advisory_lock(5715426918420018) AS is_ours";

/// How long and how large making an index may be. The graph is made in memory as long as it fits;
/// by one process, because several need shared memory, of which containers have little.
const PATIENT: &str = "SET max_parallel_maintenance_workers = 0;
    SELECT set_config('maintenance_work_mem', '512MB', false)
    WHERE pg_size_bytes(current_setting('maintenance_work_mem')) < pg_size_bytes('512MB')";

/// What pgvector is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pgvector {
    /// The server doesn't have it.
    Missing,
    /// It may be installed in this database, in this version.
    Offered(String),
    Installed(String),
    /// One that lacks what is needed of it.
    Old(String),
}

impl Pgvector {
    pub(super) fn look(link: &mut Link) -> Result<Self> {
        let rows = link.rows(FOUND, &[])?;
        let Some(row) = rows.first() else { return Ok(Self::Missing) };
        let installed: Option<String> = row.try_get("installed")?;
        let offered: Option<String> = row.try_get("offered")?;
        let is_installed = installed.is_some();
        let version = installed.or(offered).unwrap_or_default();
        Ok(match (is_new_enough(&version), is_installed) {
            (false, _) => Self::Old(version),
            (true, true) => Self::Installed(version),
            (true, false) => Self::Offered(version),
        })
    }
}

/// What finds the nearest vectors of a large team.
impl fmt::Display for Pgvector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("exact scan; this server has no pgvector"),
            Self::Old(version) => write!(f, "exact scan; pgvector {version} is older than 0.8"),
            Self::Offered(version) => write!(f, "exact scan; pgvector {version} can be installed"),
            Self::Installed(version) => write!(f, "pgvector {version} for large teams"),
        }
    }
}

fn is_new_enough(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= LEAST_VERSION
}

/// The names of the two indexes of a team: over its vectors, and over its threads.
pub(super) fn names(vectors: &Vectors) -> (String, String) {
    let of = format!("{} {} {}", vectors.team, vectors.dimensions, vectors.model);
    let hash = Sha256::digest(of.as_bytes());
    let short = hash.iter().take(8).fold(0_u64, |short, byte| short << 8 | u64::from(*byte));
    (format!("near_{short:016x}_vectors"), format!("near_{short:016x}_threads"))
}

/// A vector `p.vector` as pgvector measures it.
pub(super) fn measured(schema: &str, vectors: &Vectors) -> String {
    format!("memoranda_vector(p.vector)::{schema}.halfvec({})", vectors.dimensions)
}

/// That a vector has the length that the index is for. Another can't be measured with it.
pub(super) fn applies(vectors: &Vectors) -> String {
    format!("octet_length(p.vector) = {}", vectors.dimensions)
}

/// Makes the index of a team's vectors where there is none. Takes as long as it takes, and keeps
/// nobody waiting: neither writers nor readers.
///
/// # Errors
/// `PERMISSION_DENIED` where pgvector is not installed in the database and this user may not do it;
/// `UNAVAILABLE`.
pub(super) fn make(pool: &Pool, vectors: &Vectors) -> Result<Indexing> {
    let mut link = Link::open(&pool.address)?;
    let (name, threads) = names(vectors);
    let is_there = |link: &mut Link, name: &str| -> Result<bool> {
        Ok(!link.rows(IS_READY, &[("name", &name)])?.is_empty())
    };
    if is_there(&mut link, &name)? {
        return Ok(Indexing::Done);
    }
    let version = match Pgvector::look(&mut link)? {
        Pgvector::Missing | Pgvector::Old(_) => return Ok(Indexing::Never),
        Pgvector::Offered(version) | Pgvector::Installed(version) => version,
    };
    link.be_patient()?;
    link.batch(PATIENT)?;
    let lock = link.rows(LOCK, &[])?;
    if !lock.first().is_some_and(|row| row.get::<_, bool>("is_ours")) {
        return Ok(Indexing::Elsewhere);
    }
    tracing::debug!(pgvector = %version, "an index of vectors is made");
    install(&mut link)?;
    let rows = link.rows(SCHEMA, &[])?;
    let schema: String = match rows.first() {
        Some(row) => row.try_get("schema")?,
        None => return Ok(Indexing::Never),
    };
    let (pieces, memories) =
        (part(&mut link, "memory_pieces", vectors)?, part(&mut link, "memories", vectors)?);
    let (Some(pieces), Some(memories)) = (pieces, memories) else { return Ok(Indexing::Never) };
    let team = format!("team_id = '{}'", vectors.team);
    let dimensions = vectors.dimensions;
    // The one over vectors last: it is what readers go by.
    for (name, on) in [
        (
            threads,
            format!(
                "{memories} (thread, (coalesce(position, {LAST_PLACE})), created_at, memory_id)
                 WHERE {team} AND thread IS NOT NULL"
            ),
        ),
        (
            name,
            format!(
                "{pieces} USING hnsw (
                     (memoranda_vector(vector)::{schema}.halfvec({dimensions}))
                     {schema}.halfvec_cosine_ops)
                 WHERE {team} AND model = {} AND octet_length(vector) = {dimensions}",
                quoted(&vectors.model)
            ),
        ),
    ] {
        if !is_there(&mut link, &name)? {
            // One that was broken off is of no use and costs every writer its time.
            link.batch(&format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"))?;
            link.batch(&format!("CREATE INDEX CONCURRENTLY {name} ON {on}"))?;
        }
    }
    link.batch(&format!("ANALYZE {pieces}"))?;
    Ok(Indexing::Done)
}

/// Installs pgvector and what turns a vector as it is kept into one of its.
fn install(link: &mut Link) -> Result<()> {
    if !matches!(Pgvector::look(link)?, Pgvector::Installed(_)) {
        link.batch("CREATE EXTENSION IF NOT EXISTS vector").map_err(|error| {
            Error::new(Code::PermissionDenied, "pgvector can't be installed by this user")
                .with_fix("have an administrator run `CREATE EXTENSION vector` in this database")
                .with_cause(error)
        })?;
    }
    let Some(schema) = link.rows(SCHEMA, &[])?.pop() else { return Ok(()) };
    let schema: String = schema.try_get("schema")?;
    // Dear, so that a plan never computes it for all of a table.
    link.batch(&format!(
        "CREATE OR REPLACE FUNCTION memoranda_vector(bytes bytea) RETURNS {schema}.halfvec
         LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 3000 AS $$
         BEGIN
             RETURN ARRAY(
                 SELECT (pg_catalog.get_byte(bytes, place) # 128) - 128
                 FROM pg_catalog.generate_series(0, pg_catalog.octet_length(bytes) - 1) place
             )::pg_catalog.int4[]::{schema}.halfvec;
         END $$"
    ))
}

/// The table in which a team's rows lie: one that is divided by team can't be indexed in whole while
/// it is written to. `None` where it is divided and the team has no rows yet.
fn part(link: &mut Link, table: &str, vectors: &Vectors) -> Result<Option<String>> {
    let sql = format!(
        "SELECT coalesce(
             (SELECT tableoid FROM {table} WHERE team_id = :team LIMIT 1),
             (SELECT oid FROM pg_class WHERE oid = to_regclass('{table}')::oid AND relkind = 'r')
         )::regclass::text AS part"
    );
    let rows = link.rows(&sql, &[("team", &vectors.team)])?;
    rows.first().map_or(Ok(None), |row| Ok(row.try_get("part")?))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// What `doctor` says of pgvector and of the indexes that stand by it.
pub(super) fn examine(link: &mut Link) -> Result<Finding> {
    let check = "pgvector";
    let found = match Pgvector::look(link)? {
        Pgvector::Missing => {
            Finding::ok(check, "not on this server; every team is looked through in memory")
        }
        Pgvector::Old(version) => Finding::warn(
            check,
            format!("{version} is too old; every team is looked through in memory"),
            "bring it up to 0.8 or newer: ALTER EXTENSION vector UPDATE",
        ),
        Pgvector::Offered(version) => Finding::ok(
            check,
            format!(
                "{version} is on this server and not in this database; large teams are looked \
                 through in memory until an administrator runs CREATE EXTENSION vector"
            ),
        ),
        Pgvector::Installed(version) => {
            let sql = "SELECT count(*) FILTER (WHERE i.indisvalid) AS whole,
                              count(*) FILTER (WHERE NOT i.indisvalid) AS broken
                       FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
                       WHERE c.relname LIKE 'near\\_%\\_vectors'
                         AND c.relnamespace = current_schema()::regnamespace";
            let rows = link.rows(sql, &[])?;
            let count = |column: &str| rows.first().map_or(0, |row| row.get::<_, i64>(column));
            let (whole, broken) = (count("whole"), count("broken"));
            if broken > 0 {
                Finding::warn(
                    check,
                    format!("{version}; {broken} indexes of a team's vectors aren't whole"),
                    "nothing, if a server makes one now; otherwise the next recall of such a team has \
                     it made anew",
                )
            } else {
                Finding::ok(check, format!("{version}; {whole} teams have their vectors indexed"))
            }
        }
    };
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (version, is_enough) in
            [("0.8.0", true), ("0.8.5", true), ("0.10", true), ("1.0", true), ("0.7.4", false)]
        {
            assert_eq!(is_new_enough(version), is_enough, "{version}");
        }
        assert!(!is_new_enough(""));
    }
}
