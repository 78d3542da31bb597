-- What a team is after: a tree from a vision down. Tasks hang below its nodes, or stand by themselves.
-- A parent in the same table is no foreign key: rows are copied between engines in the order of their ids.
CREATE TABLE nodes (
    team_id     TEXT    NOT NULL REFERENCES teams (team_id),
    node_id     TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    parent_id   TEXT,
    -- Among the nodes of the same parent.
    position    INTEGER NOT NULL,
    statement   TEXT    NOT NULL,
    description TEXT,
    status      TEXT    NOT NULL,
    owner_agent_id   TEXT,
    owner_member_id  TEXT,
    author_agent_id  TEXT,
    author_member_id TEXT,
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (team_id, node_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX nodes_by_parent ON nodes (team_id, parent_id, position, node_id);

CREATE TABLE tasks (
    team_id     TEXT    NOT NULL REFERENCES teams (team_id),
    task_id     TEXT    NOT NULL,
    -- Below a node, or below another task, or neither.
    node_id     TEXT,
    parent_task_id TEXT,
    position    INTEGER NOT NULL,
    statement   TEXT    NOT NULL,
    description TEXT,
    -- Acceptance criteria, as JSON.
    criteria    TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    status_at   INTEGER NOT NULL,
    -- Why it is blocked, or was sent back.
    reason      TEXT,
    -- Higher is more urgent.
    priority    INTEGER NOT NULL,
    due_at      INTEGER,
    assignee_agent_id  TEXT,
    assignee_member_id TEXT,
    -- Who said last that it is done: nobody approves what they did themselves.
    worker_agent_id    TEXT,
    worker_member_id   TEXT,
    author_agent_id    TEXT,
    author_member_id   TEXT,
    -- Who works on it and until when; a lease that has run out is none.
    holder_agent_id    TEXT,
    holder_member_id   TEXT,
    lease_until        INTEGER,
    -- Grows with each lease and never falls: who shows a smaller one has lost theirs.
    fence       INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (team_id, task_id),
    FOREIGN KEY (team_id, node_id) REFERENCES nodes (team_id, node_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX tasks_by_node ON tasks (team_id, node_id, position, task_id);
CREATE INDEX tasks_by_parent ON tasks (team_id, parent_task_id, position, task_id);
CREATE INDEX tasks_by_status ON tasks (team_id, status, priority, task_id);
CREATE INDEX tasks_by_agent ON tasks (team_id, assignee_agent_id, status)
    WHERE assignee_agent_id IS NOT NULL;
CREATE INDEX tasks_by_member ON tasks (team_id, assignee_member_id, status)
    WHERE assignee_member_id IS NOT NULL;

-- A task waits for those that it needs.
CREATE TABLE task_needs (
    team_id  TEXT NOT NULL,
    task_id  TEXT NOT NULL,
    needs_id TEXT NOT NULL,
    PRIMARY KEY (team_id, task_id, needs_id),
    FOREIGN KEY (team_id, task_id) REFERENCES tasks (team_id, task_id),
    FOREIGN KEY (team_id, needs_id) REFERENCES tasks (team_id, task_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX task_needs_by_needed ON task_needs (team_id, needs_id);

-- What was said about a task, node, memory or conflict; checkpoints of work are among it. What it is
-- about is no foreign key, as it is of several kinds.
CREATE TABLE comments (
    team_id     TEXT    NOT NULL REFERENCES teams (team_id),
    comment_id  TEXT    NOT NULL,
    about_kind  TEXT    NOT NULL,
    about_id    TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    content     TEXT    NOT NULL,
    -- What is to be done next, where work was handed on.
    next_step   TEXT,
    -- Under which lease, where it was said under one.
    fence       INTEGER,
    author_agent_id  TEXT,
    author_member_id TEXT,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (team_id, comment_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX comments_by_subject ON comments (team_id, about_kind, about_id, comment_id);

-- Whether who did a task may say that it is done.
ALTER TABLE teams ADD COLUMN allows_self_approval INTEGER NOT NULL DEFAULT 0;
