-- What was there before is a memory, or a node of the strategy: one of the two. A column can't be made
-- optional, so the table is made anew. Nothing refers to it.
CREATE TABLE conflicts_anew (
    team_id     TEXT    NOT NULL,
    conflict_id TEXT    NOT NULL,
    existing_id TEXT,
    node_id     TEXT,
    newer_id    TEXT    NOT NULL,
    -- The versions that were compared.
    existing_version INTEGER NOT NULL,
    newer_version    INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    severity    TEXT    NOT NULL,
    -- What spoke for it, as JSON.
    signals     TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    -- Both ids while it waits: of one pair one conflict waits at most.
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
    FOREIGN KEY (team_id, node_id) REFERENCES nodes (team_id, node_id) ON DELETE CASCADE,
    FOREIGN KEY (team_id, newer_id) REFERENCES memories (team_id, memory_id) ON DELETE CASCADE,
    CHECK ((existing_id IS NULL) <> (node_id IS NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO conflicts_anew (
    team_id, conflict_id, existing_id, newer_id, existing_version, newer_version, kind, severity,
    signals, status, pair, opened_at, resolution, content, rationale, reason, agent_id, member_id,
    decided_at)
SELECT
    team_id, conflict_id, existing_id, newer_id, existing_version, newer_version, kind, severity,
    signals, status, pair, opened_at, resolution, content, rationale, reason, agent_id, member_id,
    decided_at
FROM conflicts;

DROP TABLE conflicts;
ALTER TABLE conflicts_anew RENAME TO conflicts;

CREATE UNIQUE INDEX conflicts_by_pair ON conflicts (team_id, pair) WHERE pair IS NOT NULL;
CREATE INDEX conflicts_by_existing ON conflicts (team_id, existing_id);
CREATE INDEX conflicts_by_node ON conflicts (team_id, node_id) WHERE node_id IS NOT NULL;
CREATE INDEX conflicts_by_newer ON conflicts (team_id, newer_id);
CREATE INDEX conflicts_by_status ON conflicts (team_id, status, conflict_id);
