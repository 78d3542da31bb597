-- Since when a memory has its status, and why: a label such as `manual`, or the rule that did it.
-- Nothing for one that never had another.

ALTER TABLE memories ADD COLUMN status_at BIGINT;
ALTER TABLE memories ADD COLUMN status_reason TEXT COLLATE "C";
ALTER TABLE memory_versions ADD COLUMN status_at BIGINT;
ALTER TABLE memory_versions ADD COLUMN status_reason TEXT COLLATE "C";

-- For lists of what changed.
CREATE INDEX memories_changed ON memories (team_id, updated_at, memory_id);
