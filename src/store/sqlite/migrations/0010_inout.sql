-- How far an import has come: one that was cut off goes on where it ended, and nothing is doubled.
CREATE TABLE imports (
    team_id    TEXT    NOT NULL REFERENCES teams (team_id),
    -- Names what is imported and how: a hash of both.
    import_id  TEXT    NOT NULL,
    -- Records that were handled, and what became of them.
    done       INTEGER NOT NULL,
    taken      INTEGER NOT NULL,
    known      INTEGER NOT NULL,
    refused    INTEGER NOT NULL,
    began_at   INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (team_id, import_id)
) STRICT, WITHOUT ROWID;

-- Which memory each statement from elsewhere became: a source that has grown is imported again
-- without doubling, and what was forgotten here isn't brought back.
CREATE TABLE imported_records (
    team_id     TEXT    NOT NULL,
    -- SHA-256 of the record.
    fingerprint TEXT    NOT NULL,
    memory_id   TEXT    NOT NULL,
    PRIMARY KEY (team_id, fingerprint)
) STRICT, WITHOUT ROWID;

CREATE INDEX imported_records_by_memory ON imported_records (team_id, memory_id);

-- The trail of another team, kept beside ours and never mixed into its chain.
CREATE TABLE imported_activity (
    team_id  TEXT    NOT NULL REFERENCES teams (team_id),
    -- The team in whose chain the event stands.
    origin   TEXT    NOT NULL,
    sequence INTEGER NOT NULL,
    -- The event with both its hashes, as JSON.
    event    TEXT    NOT NULL,
    PRIMARY KEY (team_id, origin, sequence)
) STRICT, WITHOUT ROWID;
