-- Whether the team has taken a memory on: false while it is proposed, and for good once a proposal
-- was declined. What was never accepted is its author's and the editors' to see.
ALTER TABLE memories ADD COLUMN is_accepted INTEGER NOT NULL DEFAULT 1;

DROP INDEX memories_newest;
CREATE INDEX memories_newest ON memories (
    team_id, status, created_at, memory_id, visibility, is_accepted, agent_id, member_id
);

-- Lower case, so that it is unique whatever its case; gone once its member is removed.
ALTER TABLE members ADD COLUMN email TEXT;
ALTER TABLE members ADD COLUMN status TEXT NOT NULL DEFAULT 'active'
    CHECK (status IN ('invited', 'active', 'removed'));
-- argon2id.
ALTER TABLE members ADD COLUMN password_hash TEXT;
-- SHA-256 of a code that is random enough for it; gone once it is taken up.
ALTER TABLE members ADD COLUMN invitation_hash TEXT;
ALTER TABLE members ADD COLUMN invited_until INTEGER;
-- Counts changes of role, status and password; a request acts under the number it signed in with.
ALTER TABLE members ADD COLUMN change_number INTEGER NOT NULL DEFAULT 1;
ALTER TABLE members ADD COLUMN joined_at INTEGER;
ALTER TABLE members ADD COLUMN removed_at INTEGER;

CREATE UNIQUE INDEX members_by_email ON members (team_id, email);

-- When it is taken up the team isn't known yet.
CREATE UNIQUE INDEX members_by_invitation ON members (invitation_hash);
