-- Typed edges from a memory to something else: a memory now, other kinds of things later, which is why
-- what an edge leads to is no foreign key.
CREATE TABLE memory_links (
    team_id    TEXT    NOT NULL,
    from_id    TEXT    NOT NULL,
    link_type  TEXT    NOT NULL,
    to_kind    TEXT    NOT NULL,
    to_id      TEXT    NOT NULL,
    agent_id   TEXT,
    member_id  TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (team_id, from_id, link_type, to_kind, to_id),
    FOREIGN KEY (team_id, from_id) REFERENCES memories (team_id, memory_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX memory_links_to ON memory_links (team_id, to_kind, to_id);

-- A hash of what a memory says, by which the same statement is found. Empty where it is forgotten, and
-- in memories from before that haven't changed since.
ALTER TABLE memories ADD COLUMN print TEXT;

CREATE INDEX memories_by_print ON memories (team_id, print) WHERE print IS NOT NULL;

-- Who else said what a memory says, each once. A confirmation counts while the memory says that.
CREATE TABLE confirmations (
    team_id         TEXT    NOT NULL,
    memory_id       TEXT    NOT NULL,
    print           TEXT    NOT NULL,
    -- The agent's record, or the member in person.
    actor_id        TEXT    NOT NULL,
    agent_id        TEXT,
    member_id       TEXT,
    credential_kind TEXT    NOT NULL,
    key_id          TEXT,
    confirmed_at    INTEGER NOT NULL,
    PRIMARY KEY (team_id, memory_id, print, actor_id),
    FOREIGN KEY (team_id, memory_id) REFERENCES memories (team_id, memory_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What was answered to a request that may come again, under the key that its caller chose.
CREATE TABLE retries (
    team_id    TEXT    NOT NULL REFERENCES teams (team_id),
    actor_id   TEXT    NOT NULL,
    retry_key  TEXT    NOT NULL,
    -- Of the arguments: another request under the same key is refused.
    hash       BLOB    NOT NULL,
    answer     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (team_id, actor_id, retry_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX retries_by_age ON retries (team_id, created_at);
