-- Two memories that can't both hold, and what was decided. There are always two, and they go with it:
-- what is erased must leave nothing of itself in what was said about it.
CREATE TABLE conflicts (
    team_id     TEXT    NOT NULL,
    conflict_id TEXT    NOT NULL,
    existing_id TEXT    NOT NULL,
    newer_id    TEXT    NOT NULL,
    -- The versions that were compared.
    existing_version INTEGER NOT NULL,
    newer_version    INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    severity    TEXT    NOT NULL,
    -- What spoke for it, as JSON.
    signals     TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    -- Both ids in their order while it waits: of one pair one conflict waits at most.
    pair        TEXT,
    opened_at   INTEGER NOT NULL,
    resolution  TEXT,
    -- What a merge that waits for consent would say.
    content     TEXT,
    rationale   TEXT,
    reason      TEXT,
    -- Who decided, or asked for it.
    agent_id    TEXT,
    member_id   TEXT,
    decided_at  INTEGER,
    PRIMARY KEY (team_id, conflict_id),
    FOREIGN KEY (team_id, existing_id) REFERENCES memories (team_id, memory_id) ON DELETE CASCADE,
    FOREIGN KEY (team_id, newer_id) REFERENCES memories (team_id, memory_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX conflicts_by_pair ON conflicts (team_id, pair) WHERE pair IS NOT NULL;
CREATE INDEX conflicts_by_existing ON conflicts (team_id, existing_id);
CREATE INDEX conflicts_by_newer ON conflicts (team_id, newer_id);
CREATE INDEX conflicts_by_status ON conflicts (team_id, status, conflict_id);
