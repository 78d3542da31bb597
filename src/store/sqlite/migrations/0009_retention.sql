-- How long memories stay, as the team or one of its agents has decided; of the team's own the agent is
-- the empty text. The policy is JSON, read and written by `memory/retention`.
CREATE TABLE retention_policies (
    team_id    TEXT    NOT NULL REFERENCES teams (team_id),
    agent_id   TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    policy     TEXT    NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (team_id, agent_id)
) STRICT, WITHOUT ROWID;

-- Which server applies a team's policies, until when at most, and when that is due again.
CREATE TABLE sweeps (
    team_id    TEXT    NOT NULL REFERENCES teams (team_id),
    holder     TEXT    NOT NULL,
    held_until INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,
    PRIMARY KEY (team_id)
) STRICT, WITHOUT ROWID;

-- What was erased for good, by whom and why: all that is left of it.
CREATE TABLE erasures (
    team_id         TEXT    NOT NULL REFERENCES teams (team_id),
    memory_id       TEXT    NOT NULL,
    erased_at       INTEGER NOT NULL,
    reason          TEXT    NOT NULL,
    agent_id        TEXT,
    member_id       TEXT,
    credential_kind TEXT    NOT NULL,
    key_id          TEXT,
    PRIMARY KEY (team_id, memory_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX erasures_by_time ON erasures (team_id, erased_at, memory_id);
