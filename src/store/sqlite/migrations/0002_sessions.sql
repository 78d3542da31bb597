-- What signs a team's session tokens. In the database, so that every replica takes every token.
CREATE TABLE signing_keys (
    team_id     TEXT    NOT NULL REFERENCES teams (team_id),
    kid         TEXT    NOT NULL,
    secret      TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    -- Set once another has taken its place: tokens that it signed hold until then.
    verifies_until INTEGER,
    PRIMARY KEY (team_id, kid)
) STRICT, WITHOUT ROWID;

-- At sign-in the team isn't known yet.
CREATE UNIQUE INDEX signing_keys_by_kid ON signing_keys (kid);

-- Of two first activations at once, one makes the key.
CREATE UNIQUE INDEX signing_keys_current ON signing_keys (team_id) WHERE verifies_until IS NULL;

CREATE TABLE sessions (
    team_id       TEXT    NOT NULL REFERENCES teams (team_id),
    session_id    TEXT    NOT NULL,
    agent_id      TEXT    NOT NULL,
    -- The key that made it, and which of its secrets: it lives no longer than that. The key itself
    -- may be deleted; what was done stays.
    key_id        TEXT    NOT NULL,
    secret_number INTEGER NOT NULL,
    started_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    ended_at      INTEGER,
    PRIMARY KEY (team_id, session_id),
    FOREIGN KEY (team_id, agent_id) REFERENCES agents (team_id, agent_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_agent ON sessions (team_id, agent_id, started_at);

-- The session in which a memory was first written, where there was one.
ALTER TABLE memories ADD COLUMN session_id TEXT;

CREATE INDEX memories_by_session ON memories (team_id, session_id) WHERE session_id IS NOT NULL;
