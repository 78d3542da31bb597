-- How far an import has come: one that was cut off goes on where it ended, and nothing is doubled.
CREATE TABLE imports (
    team_id    TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    -- Names what is imported and how: a hash of both.
    import_id  TEXT COLLATE "C" NOT NULL,
    -- Records that were handled, and what became of them.
    done       BIGINT NOT NULL,
    taken      BIGINT NOT NULL,
    known      BIGINT NOT NULL,
    refused    BIGINT NOT NULL,
    began_at   BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (team_id, import_id)
) /* by team */;

-- Which memory each statement from elsewhere became: a source that has grown is imported again
-- without doubling, and what was forgotten here isn't brought back.
CREATE TABLE imported_records (
    team_id     TEXT COLLATE "C" NOT NULL,
    -- SHA-256 of the record.
    fingerprint TEXT COLLATE "C" NOT NULL,
    memory_id   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (team_id, fingerprint)
) /* by team */;

CREATE INDEX imported_records_by_memory ON imported_records (team_id, memory_id);

-- The trail of another team, kept beside ours and never mixed into its chain.
CREATE TABLE imported_activity (
    team_id  TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    -- The team in whose chain the event stands.
    origin   TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    -- The event with both its hashes, as JSON.
    event    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (team_id, origin, sequence)
) /* by team */;
