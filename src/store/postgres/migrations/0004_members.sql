-- Whether the team has taken a memory on: false while it is proposed, and for good once a proposal
-- was declined. What was never accepted is its author's and the editors' to see.
ALTER TABLE memories ADD COLUMN is_accepted BOOLEAN NOT NULL DEFAULT TRUE;

DROP INDEX memories_newest;
CREATE INDEX memories_newest ON memories (
    team_id, status, created_at, memory_id, visibility, is_accepted, agent_id, member_id
);

-- Lower case, so that it is unique whatever its case; gone once its member is removed.
ALTER TABLE members ADD COLUMN email TEXT COLLATE "C";
ALTER TABLE members ADD COLUMN status TEXT COLLATE "C" NOT NULL DEFAULT 'active'
    CHECK (status IN ('invited', 'active', 'removed'));
-- argon2id.
ALTER TABLE members ADD COLUMN password_hash TEXT COLLATE "C";
-- SHA-256 of a code that is random enough for it; gone once it is taken up.
ALTER TABLE members ADD COLUMN invitation_hash TEXT COLLATE "C";
ALTER TABLE members ADD COLUMN invited_until BIGINT;
-- Counts changes of role, status and password; a request acts under the number it signed in with.
ALTER TABLE members ADD COLUMN change_number BIGINT NOT NULL DEFAULT 1;
ALTER TABLE members ADD COLUMN joined_at BIGINT;
ALTER TABLE members ADD COLUMN removed_at BIGINT;

CREATE UNIQUE INDEX members_by_email ON members (team_id, email);

-- When it is taken up the team isn't known yet. Not unique, as a key of a divided table begins with
-- the team; a hash of so random a code is.
CREATE INDEX members_by_invitation ON members (invitation_hash);
