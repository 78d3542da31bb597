-- Times are milliseconds since 1970-01-01T00:00:00Z. Every key begins with the team.

CREATE TABLE teams (
    team_id       TEXT    NOT NULL PRIMARY KEY,
    slug          TEXT    NOT NULL UNIQUE,
    trust_policy  TEXT    NOT NULL CHECK (trust_policy IN ('automatic', 'approval')),
    secret_policy TEXT    NOT NULL CHECK (secret_policy IN ('reject', 'redact', 'allow')),
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE members (
    team_id      TEXT    NOT NULL REFERENCES teams (team_id),
    member_id    TEXT    NOT NULL,
    display_name TEXT    NOT NULL,
    role         TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (team_id, member_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE agents (
    team_id      TEXT    NOT NULL REFERENCES teams (team_id),
    agent_id     TEXT    NOT NULL,
    slug         TEXT    NOT NULL,
    display_name TEXT    NOT NULL,
    agent_type   TEXT,
    description  TEXT,
    status       TEXT    NOT NULL CHECK (status IN ('pending', 'approved', 'blocked')),
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (team_id, agent_id),
    UNIQUE (team_id, slug)
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
    team_id     TEXT    NOT NULL REFERENCES teams (team_id),
    key_id      TEXT    NOT NULL,
    title       TEXT    NOT NULL,
    description TEXT,
    role        TEXT    NOT NULL,
    scopes      TEXT    NOT NULL,
    allow_list  TEXT,
    -- argon2id; gone as soon as the key is revoked.
    secret_hash TEXT,
    -- Counts rotations; a request proves itself by the number of the secret it presented.
    secret_number INTEGER NOT NULL DEFAULT 1,
    -- The secret before, while a rotation's overlap lasts.
    previous_hash TEXT,
    previous_until INTEGER,
    is_active   INTEGER NOT NULL DEFAULT 1,
    agent_id    TEXT,
    is_locked   INTEGER NOT NULL DEFAULT 0,
    created_by  TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER,
    last_used_at INTEGER,
    rotated_at  INTEGER,
    revoked_at  INTEGER,
    PRIMARY KEY (team_id, key_id),
    UNIQUE (team_id, title),
    FOREIGN KEY (team_id, agent_id) REFERENCES agents (team_id, agent_id)
) STRICT, WITHOUT ROWID;

-- At sign-in the team isn't known yet.
CREATE UNIQUE INDEX keys_by_id ON keys (key_id);

CREATE TABLE memories (
    -- Names the entry in memory_words; VACUUM must not renumber it.
    entry          INTEGER PRIMARY KEY,
    team_id        TEXT    NOT NULL REFERENCES teams (team_id),
    memory_id      TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    -- What is filtered by comes before what is long, so that filtering reads little.
    status         TEXT    NOT NULL,
    visibility     TEXT    NOT NULL CHECK (visibility IN ('team', 'agent')),
    agent_id       TEXT,
    member_id      TEXT,
    credential_kind TEXT   NOT NULL,
    key_id         TEXT,
    memory_type    TEXT    NOT NULL,
    confidence     REAL    NOT NULL,
    provenance     TEXT    NOT NULL,
    voice          TEXT,
    occurred_at    INTEGER,
    valid_from     INTEGER,
    valid_until    INTEGER,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    thread         TEXT,
    position       INTEGER,
    speaker        TEXT,
    source         TEXT,
    source_ref     TEXT,
    tags           TEXT    NOT NULL,
    has_own_title  INTEGER NOT NULL,
    title          TEXT    NOT NULL,
    content        TEXT    NOT NULL,
    UNIQUE (team_id, memory_id),
    FOREIGN KEY (team_id, agent_id) REFERENCES agents (team_id, agent_id)
) STRICT;

-- Who may see a memory stands in it too, so that listing and counting read no row they don't show.
CREATE INDEX memories_newest ON memories (
    team_id, status, created_at, memory_id, visibility, agent_id, member_id
);

-- Every version, the newest included: what was known when.
CREATE TABLE memory_versions (
    team_id        TEXT    NOT NULL,
    memory_id      TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    status         TEXT    NOT NULL,
    visibility     TEXT    NOT NULL CHECK (visibility IN ('team', 'agent')),
    agent_id       TEXT,
    member_id      TEXT,
    credential_kind TEXT   NOT NULL,
    key_id         TEXT,
    memory_type    TEXT    NOT NULL,
    confidence     REAL    NOT NULL,
    provenance     TEXT    NOT NULL,
    voice          TEXT,
    occurred_at    INTEGER,
    valid_from     INTEGER,
    valid_until    INTEGER,
    changed_at     INTEGER NOT NULL,
    thread         TEXT,
    position       INTEGER,
    speaker        TEXT,
    source         TEXT,
    source_ref     TEXT,
    tags           TEXT    NOT NULL,
    has_own_title  INTEGER NOT NULL,
    title          TEXT    NOT NULL,
    content        TEXT    NOT NULL,
    PRIMARY KEY (team_id, memory_id, version),
    FOREIGN KEY (team_id, memory_id) REFERENCES memories (team_id, memory_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE memory_tags (
    team_id   TEXT NOT NULL,
    tag       TEXT NOT NULL,
    memory_id TEXT NOT NULL,
    PRIMARY KEY (team_id, tag, memory_id),
    FOREIGN KEY (team_id, memory_id) REFERENCES memories (team_id, memory_id)
) STRICT, WITHOUT ROWID;

-- Words come cut and folded; `ascii` splits at the spaces between them and nowhere else.
CREATE VIRTUAL TABLE memory_words USING fts5 (
    title, labels, content,
    content = '', contentless_delete = 1, tokenize = 'ascii', detail = 'full'
);

CREATE TABLE activity (
    team_id         TEXT    NOT NULL REFERENCES teams (team_id),
    sequence        INTEGER NOT NULL,
    event_id        TEXT    NOT NULL,
    at              INTEGER NOT NULL,
    agent_id        TEXT,
    member_id       TEXT,
    credential_kind TEXT    NOT NULL,
    key_id          TEXT,
    operation       TEXT    NOT NULL,
    object_kind     TEXT    NOT NULL,
    object_id       TEXT    NOT NULL,
    outcome         TEXT    NOT NULL,
    request_id      TEXT    NOT NULL,
    summary         TEXT    NOT NULL,
    hash            BLOB    NOT NULL,
    PRIMARY KEY (team_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX activity_by_agent ON activity (team_id, agent_id, sequence);
