-- Whether the team has taken a memory on: false while it is proposed, and for good once a proposal
-- was declined. What was never accepted is its author's and the editors' to see.
ALTER TABLE memories ADD COLUMN is_accepted INTEGER NOT NULL DEFAULT 1;

DROP INDEX memories_newest;
CREATE INDEX memories_newest ON memories (
    team_id, status, created_at, memory_id, visibility, is_accepted, agent_id, member_id
);
