-- What a team is after: a tree from a vision down. Tasks hang below its nodes, or stand by themselves.
-- A parent in the same table is no foreign key: rows are copied between engines in the order of their ids.
CREATE TABLE nodes (
    team_id     TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    node_id     TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    parent_id   TEXT COLLATE "C",
    -- Among the nodes of the same parent.
    position    BIGINT NOT NULL,
    statement   TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    status      TEXT COLLATE "C" NOT NULL,
    owner_agent_id   TEXT COLLATE "C",
    owner_member_id  TEXT COLLATE "C",
    author_agent_id  TEXT COLLATE "C",
    author_member_id TEXT COLLATE "C",
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (team_id, node_id)
) /* by team */;

CREATE INDEX nodes_by_parent ON nodes (team_id, parent_id, position, node_id);

CREATE TABLE tasks (
    team_id     TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    task_id     TEXT COLLATE "C" NOT NULL,
    -- Below a node, or below another task, or neither.
    node_id     TEXT COLLATE "C",
    parent_task_id TEXT COLLATE "C",
    position    BIGINT NOT NULL,
    statement   TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    -- Acceptance criteria, as JSON.
    criteria    TEXT COLLATE "C" NOT NULL,
    status      TEXT COLLATE "C" NOT NULL,
    status_at   BIGINT NOT NULL,
    -- Why it is blocked, or was sent back.
    reason      TEXT COLLATE "C",
    -- Higher is more urgent.
    priority    BIGINT NOT NULL,
    due_at      BIGINT,
    assignee_agent_id  TEXT COLLATE "C",
    assignee_member_id TEXT COLLATE "C",
    -- Who said last that it is done: nobody approves what they did themselves.
    worker_agent_id    TEXT COLLATE "C",
    worker_member_id   TEXT COLLATE "C",
    author_agent_id    TEXT COLLATE "C",
    author_member_id   TEXT COLLATE "C",
    -- Who works on it and until when; a lease that has run out is none.
    holder_agent_id    TEXT COLLATE "C",
    holder_member_id   TEXT COLLATE "C",
    lease_until        BIGINT,
    -- Grows with each lease and never falls: who shows a smaller one has lost theirs.
    fence       BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (team_id, task_id),
    FOREIGN KEY (team_id, node_id) REFERENCES nodes (team_id, node_id)
) /* by team */;

CREATE INDEX tasks_by_node ON tasks (team_id, node_id, position, task_id);
CREATE INDEX tasks_by_parent ON tasks (team_id, parent_task_id, position, task_id);
CREATE INDEX tasks_by_status ON tasks (team_id, status, priority, task_id);
CREATE INDEX tasks_by_agent ON tasks (team_id, assignee_agent_id, status)
    WHERE assignee_agent_id IS NOT NULL;
CREATE INDEX tasks_by_member ON tasks (team_id, assignee_member_id, status)
    WHERE assignee_member_id IS NOT NULL;

-- A task waits for those that it needs.
CREATE TABLE task_needs (
    team_id  TEXT COLLATE "C" NOT NULL,
    task_id  TEXT COLLATE "C" NOT NULL,
    needs_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (team_id, task_id, needs_id),
    FOREIGN KEY (team_id, task_id) REFERENCES tasks (team_id, task_id),
    FOREIGN KEY (team_id, needs_id) REFERENCES tasks (team_id, task_id)
) /* by team */;

CREATE INDEX task_needs_by_needed ON task_needs (team_id, needs_id);

-- What was said about a task, node, memory or conflict; checkpoints of work are among it. What it is
-- about is no foreign key, as it is of several kinds.
CREATE TABLE comments (
    team_id     TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    comment_id  TEXT COLLATE "C" NOT NULL,
    about_kind  TEXT COLLATE "C" NOT NULL,
    about_id    TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    content     TEXT COLLATE "C" NOT NULL,
    -- What is to be done next, where work was handed on.
    next_step   TEXT COLLATE "C",
    -- Under which lease, where it was said under one.
    fence       BIGINT,
    author_agent_id  TEXT COLLATE "C",
    author_member_id TEXT COLLATE "C",
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (team_id, comment_id)
) /* by team */;

CREATE INDEX comments_by_subject ON comments (team_id, about_kind, about_id, comment_id);

-- Whether who did a task may say that it is done.
ALTER TABLE teams ADD COLUMN allows_self_approval BOOLEAN NOT NULL DEFAULT FALSE;
