-- How long memories stay, as the team or one of its agents has decided; of the team's own the agent is
-- the empty text. The policy is JSON, read and written by `memory/retention`.
CREATE TABLE retention_policies (
    team_id    TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    agent_id   TEXT COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL,
    policy     TEXT COLLATE "C" NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (team_id, agent_id)
) /* by team */;

-- Which server applies a team's policies, until when at most, and when that is due again.
CREATE TABLE sweeps (
    team_id    TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    holder     TEXT COLLATE "C" NOT NULL,
    held_until BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    PRIMARY KEY (team_id)
) /* by team */;

-- What was erased for good, by whom and why: all that is left of it.
CREATE TABLE erasures (
    team_id         TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    memory_id       TEXT COLLATE "C" NOT NULL,
    erased_at       BIGINT NOT NULL,
    reason          TEXT COLLATE "C" NOT NULL,
    agent_id        TEXT COLLATE "C",
    member_id       TEXT COLLATE "C",
    credential_kind TEXT COLLATE "C" NOT NULL,
    key_id          TEXT COLLATE "C",
    PRIMARY KEY (team_id, memory_id)
) /* by team */;

CREATE INDEX erasures_by_time ON erasures (team_id, erased_at, memory_id);
