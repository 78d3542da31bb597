-- Two memories that can't both hold, and what was decided. There are always two, and they go with it:
-- what is erased must leave nothing of itself in what was said about it.
CREATE TABLE conflicts (
    team_id     TEXT COLLATE "C" NOT NULL,
    conflict_id TEXT COLLATE "C" NOT NULL,
    existing_id TEXT COLLATE "C" NOT NULL,
    newer_id    TEXT COLLATE "C" NOT NULL,
    -- The versions that were compared.
    existing_version BIGINT NOT NULL,
    newer_version    BIGINT NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    severity    TEXT COLLATE "C" NOT NULL,
    -- What spoke for it, as JSON.
    signals     TEXT COLLATE "C" NOT NULL,
    status      TEXT COLLATE "C" NOT NULL,
    -- Both ids in their order while it waits: of one pair one conflict waits at most.
    pair        TEXT COLLATE "C",
    opened_at   BIGINT NOT NULL,
    resolution  TEXT COLLATE "C",
    -- What a merge that waits for consent would say.
    content     TEXT COLLATE "C",
    rationale   TEXT COLLATE "C",
    reason      TEXT COLLATE "C",
    -- Who decided, or asked for it.
    agent_id    TEXT COLLATE "C",
    member_id   TEXT COLLATE "C",
    decided_at  BIGINT,
    PRIMARY KEY (team_id, conflict_id),
    FOREIGN KEY (team_id, existing_id) REFERENCES memories (team_id, memory_id) ON DELETE CASCADE,
    FOREIGN KEY (team_id, newer_id) REFERENCES memories (team_id, memory_id) ON DELETE CASCADE
) /* by team */;

CREATE UNIQUE INDEX conflicts_by_pair ON conflicts (team_id, pair) WHERE pair IS NOT NULL;
CREATE INDEX conflicts_by_existing ON conflicts (team_id, existing_id);
CREATE INDEX conflicts_by_newer ON conflicts (team_id, newer_id);
CREATE INDEX conflicts_by_status ON conflicts (team_id, status, conflict_id);
