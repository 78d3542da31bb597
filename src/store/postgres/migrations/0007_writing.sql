-- Typed edges from a memory to something else: a memory now, other kinds of things later, which is why
-- what an edge leads to is no foreign key.
CREATE TABLE memory_links (
    team_id    TEXT COLLATE "C" NOT NULL,
    from_id    TEXT COLLATE "C" NOT NULL,
    link_type  TEXT COLLATE "C" NOT NULL,
    to_kind    TEXT COLLATE "C" NOT NULL,
    to_id      TEXT COLLATE "C" NOT NULL,
    agent_id   TEXT COLLATE "C",
    member_id  TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    PRIMARY KEY (team_id, from_id, link_type, to_kind, to_id),
    FOREIGN KEY (team_id, from_id) REFERENCES memories (team_id, memory_id) ON DELETE CASCADE
) /* by team */;

CREATE INDEX memory_links_to ON memory_links (team_id, to_kind, to_id);

-- A hash of what a memory says, by which the same statement is found. Empty where it is forgotten, and
-- in memories from before that haven't changed since.
ALTER TABLE memories ADD COLUMN print TEXT COLLATE "C";

CREATE INDEX memories_by_print ON memories (team_id, print) WHERE print IS NOT NULL;

-- Who else said what a memory says, each once. A confirmation counts while the memory says that.
CREATE TABLE confirmations (
    team_id         TEXT COLLATE "C" NOT NULL,
    memory_id       TEXT COLLATE "C" NOT NULL,
    print           TEXT COLLATE "C" NOT NULL,
    -- The agent's record, or the member in person.
    actor_id        TEXT COLLATE "C" NOT NULL,
    agent_id        TEXT COLLATE "C",
    member_id       TEXT COLLATE "C",
    credential_kind TEXT COLLATE "C" NOT NULL,
    key_id          TEXT COLLATE "C",
    confirmed_at    BIGINT NOT NULL,
    PRIMARY KEY (team_id, memory_id, print, actor_id),
    FOREIGN KEY (team_id, memory_id) REFERENCES memories (team_id, memory_id) ON DELETE CASCADE
) /* by team */;

-- What was answered to a request that may come again, under the key that its caller chose.
CREATE TABLE retries (
    team_id    TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    actor_id   TEXT COLLATE "C" NOT NULL,
    retry_key  TEXT COLLATE "C" NOT NULL,
    -- Of the arguments: another request under the same key is refused.
    hash       BYTEA   NOT NULL,
    answer     TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (team_id, actor_id, retry_key)
) /* by team */;

CREATE INDEX retries_by_age ON retries (team_id, created_at);
