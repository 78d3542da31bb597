-- What signs a team's session tokens. In the database, so that every replica takes every token; whole
-- on every node, as a token names what signed it and not the team.
CREATE TABLE signing_keys (
    team_id     TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    kid         TEXT COLLATE "C" NOT NULL,
    secret      TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    -- Set once another has taken its place: tokens that it signed hold until then.
    verifies_until BIGINT,
    PRIMARY KEY (team_id, kid)
);

-- At sign-in the team isn't known yet.
CREATE UNIQUE INDEX signing_keys_by_kid ON signing_keys (kid);

-- Of two first activations at once, one makes the key.
CREATE UNIQUE INDEX signing_keys_current ON signing_keys (team_id) WHERE verifies_until IS NULL;

CREATE TABLE sessions (
    team_id       TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    session_id    TEXT COLLATE "C" NOT NULL,
    agent_id      TEXT COLLATE "C" NOT NULL,
    -- The key that made it, and which of its secrets: it lives no longer than that. The key itself
    -- may be deleted; what was done stays.
    key_id        TEXT COLLATE "C" NOT NULL,
    secret_number BIGINT NOT NULL,
    started_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    ended_at      BIGINT,
    PRIMARY KEY (team_id, session_id),
    FOREIGN KEY (team_id, agent_id) REFERENCES agents (team_id, agent_id)
) /* by team */;

CREATE INDEX sessions_by_agent ON sessions (team_id, agent_id, started_at);

-- The session in which a memory was first written, where there was one.
ALTER TABLE memories ADD COLUMN session_id TEXT COLLATE "C";

CREATE INDEX memories_by_session ON memories (team_id, session_id) WHERE session_id IS NOT NULL;
