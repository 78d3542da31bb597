-- Times are milliseconds since 1970-01-01T00:00:00Z. Every key begins with the team, so that the
-- tables marked "by team" can be divided or distributed by it; the others are small, and whole on
-- every node. Text is ordered by its bytes, as on every engine.

CREATE TABLE teams (
    team_id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    slug          TEXT COLLATE "C" NOT NULL UNIQUE,
    trust_policy  TEXT COLLATE "C" NOT NULL CHECK (trust_policy IN ('automatic', 'approval')),
    secret_policy TEXT COLLATE "C" NOT NULL CHECK (secret_policy IN ('reject', 'redact', 'allow')),
    created_at    BIGINT  NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE members (
    team_id      TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    member_id    TEXT COLLATE "C" NOT NULL,
    display_name TEXT COLLATE "C" NOT NULL,
    role         TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT  NOT NULL,
    PRIMARY KEY (team_id, member_id)
) /* by team */;

CREATE TABLE agents (
    team_id      TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    agent_id     TEXT COLLATE "C" NOT NULL,
    slug         TEXT COLLATE "C" NOT NULL,
    display_name TEXT COLLATE "C" NOT NULL,
    agent_type   TEXT COLLATE "C",
    description  TEXT COLLATE "C",
    status       TEXT COLLATE "C" NOT NULL CHECK (status IN ('pending', 'approved', 'blocked')),
    created_at   BIGINT  NOT NULL,
    PRIMARY KEY (team_id, agent_id),
    UNIQUE (team_id, slug)
) /* by team */;

CREATE TABLE keys (
    team_id     TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    key_id      TEXT COLLATE "C" NOT NULL,
    title       TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    role        TEXT COLLATE "C" NOT NULL,
    scopes      TEXT COLLATE "C" NOT NULL,
    allow_list  TEXT COLLATE "C",
    -- argon2id; gone as soon as the key is revoked.
    secret_hash TEXT COLLATE "C",
    -- Counts rotations; a request proves itself by the number of the secret it presented.
    secret_number BIGINT NOT NULL DEFAULT 1,
    -- The secret before, while a rotation's overlap lasts.
    previous_hash TEXT COLLATE "C",
    previous_until BIGINT,
    is_active   BOOLEAN NOT NULL DEFAULT TRUE,
    agent_id    TEXT COLLATE "C",
    is_locked   BOOLEAN NOT NULL DEFAULT FALSE,
    created_by  TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT  NOT NULL,
    expires_at  BIGINT,
    last_used_at BIGINT,
    rotated_at  BIGINT,
    revoked_at  BIGINT,
    PRIMARY KEY (team_id, key_id),
    UNIQUE (team_id, title),
    FOREIGN KEY (team_id, agent_id) REFERENCES agents (team_id, agent_id)
) /* by team */;

-- At sign-in the team isn't known yet. A table and not an index on keys: a unique index of a table
-- that is divided by team would have to begin with the team.
CREATE TABLE key_teams (
    key_id  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    team_id TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id)
);

CREATE TABLE memories (
    team_id        TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    memory_id      TEXT COLLATE "C" NOT NULL,
    version        BIGINT  NOT NULL,
    -- What is filtered by comes before what is long, so that filtering reads little.
    status         TEXT COLLATE "C" NOT NULL,
    visibility     TEXT COLLATE "C" NOT NULL CHECK (visibility IN ('team', 'agent')),
    agent_id       TEXT COLLATE "C",
    member_id      TEXT COLLATE "C",
    credential_kind TEXT COLLATE "C" NOT NULL,
    key_id         TEXT COLLATE "C",
    memory_type    TEXT COLLATE "C" NOT NULL,
    confidence     DOUBLE PRECISION NOT NULL,
    provenance     TEXT COLLATE "C" NOT NULL,
    voice          TEXT COLLATE "C",
    occurred_at    BIGINT,
    valid_from     BIGINT,
    valid_until    BIGINT,
    created_at     BIGINT  NOT NULL,
    updated_at     BIGINT  NOT NULL,
    thread         TEXT COLLATE "C",
    position       BIGINT,
    speaker        TEXT COLLATE "C",
    source         TEXT COLLATE "C",
    source_ref     TEXT COLLATE "C",
    tags           TEXT COLLATE "C" NOT NULL,
    has_own_title  BOOLEAN NOT NULL,
    title          TEXT COLLATE "C" NOT NULL,
    content        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (team_id, memory_id),
    FOREIGN KEY (team_id, agent_id) REFERENCES agents (team_id, agent_id)
) /* by team */;

-- Who may see a memory stands in it too, so that listing and counting read no row they don't show.
CREATE INDEX memories_newest ON memories (
    team_id, status, created_at, memory_id, visibility, agent_id, member_id
);

-- Every version, the newest included: what was known when.
CREATE TABLE memory_versions (
    team_id        TEXT COLLATE "C" NOT NULL,
    memory_id      TEXT COLLATE "C" NOT NULL,
    version        BIGINT  NOT NULL,
    status         TEXT COLLATE "C" NOT NULL,
    visibility     TEXT COLLATE "C" NOT NULL CHECK (visibility IN ('team', 'agent')),
    agent_id       TEXT COLLATE "C",
    member_id      TEXT COLLATE "C",
    credential_kind TEXT COLLATE "C" NOT NULL,
    key_id         TEXT COLLATE "C",
    memory_type    TEXT COLLATE "C" NOT NULL,
    confidence     DOUBLE PRECISION NOT NULL,
    provenance     TEXT COLLATE "C" NOT NULL,
    voice          TEXT COLLATE "C",
    occurred_at    BIGINT,
    valid_from     BIGINT,
    valid_until    BIGINT,
    changed_at     BIGINT  NOT NULL,
    thread         TEXT COLLATE "C",
    position       BIGINT,
    speaker        TEXT COLLATE "C",
    source         TEXT COLLATE "C",
    source_ref     TEXT COLLATE "C",
    tags           TEXT COLLATE "C" NOT NULL,
    has_own_title  BOOLEAN NOT NULL,
    title          TEXT COLLATE "C" NOT NULL,
    content        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (team_id, memory_id, version),
    FOREIGN KEY (team_id, memory_id) REFERENCES memories (team_id, memory_id)
) /* by team */;

CREATE TABLE memory_tags (
    team_id   TEXT COLLATE "C" NOT NULL,
    tag       TEXT COLLATE "C" NOT NULL,
    memory_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (team_id, tag, memory_id),
    FOREIGN KEY (team_id, memory_id) REFERENCES memories (team_id, memory_id)
) /* by team */;

-- Words come cut and folded. Each lexeme begins with its team's mark, so that a word of one team is
-- looked up without reading what others wrote.
CREATE TABLE memory_words (
    team_id   TEXT COLLATE "C" NOT NULL,
    memory_id TEXT COLLATE "C" NOT NULL,
    -- How many words the memory has, repeated ones counted.
    length    BIGINT   NOT NULL,
    -- How often words stand in title, labels and content; those that aren't here stand in the
    -- content once.
    counts    JSONB    NOT NULL,
    lexemes   TSVECTOR NOT NULL,
    PRIMARY KEY (team_id, memory_id),
    FOREIGN KEY (team_id, memory_id) REFERENCES memories (team_id, memory_id)
) /* by team */;

CREATE INDEX memory_words_found ON memory_words USING gin (lexemes);

-- How many memories of a team have words, and how many words.
CREATE TABLE word_totals (
    team_id  TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    memories BIGINT NOT NULL,
    words    BIGINT NOT NULL,
    PRIMARY KEY (team_id)
) /* by team */;

CREATE TABLE activity (
    team_id         TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    sequence        BIGINT NOT NULL,
    event_id        TEXT COLLATE "C" NOT NULL,
    at              BIGINT NOT NULL,
    agent_id        TEXT COLLATE "C",
    member_id       TEXT COLLATE "C",
    credential_kind TEXT COLLATE "C" NOT NULL,
    key_id          TEXT COLLATE "C",
    operation       TEXT COLLATE "C" NOT NULL,
    object_kind     TEXT COLLATE "C" NOT NULL,
    object_id       TEXT COLLATE "C" NOT NULL,
    outcome         TEXT COLLATE "C" NOT NULL,
    request_id      TEXT COLLATE "C" NOT NULL,
    summary         TEXT COLLATE "C" NOT NULL,
    hash            BYTEA  NOT NULL,
    PRIMARY KEY (team_id, sequence)
) /* by team */;

CREATE INDEX activity_by_agent ON activity (team_id, agent_id, sequence);
