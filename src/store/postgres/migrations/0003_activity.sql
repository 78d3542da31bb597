-- Which of a key's secrets acted, and under which session. Empty in events that were sealed before,
-- whose hashes don't cover them.
ALTER TABLE activity ADD COLUMN secret_number BIGINT;
ALTER TABLE activity ADD COLUMN session_id TEXT COLLATE "C";

-- The trail of one key, one session, one object, newest first, however long the team's is. Few
-- events have a session, and an index of those alone costs the others nothing.
CREATE INDEX activity_by_key ON activity (team_id, key_id, sequence);
CREATE INDEX activity_by_object ON activity (team_id, object_id, sequence);
CREATE INDEX activity_by_session ON activity (team_id, session_id, sequence)
    WHERE session_id IS NOT NULL;

-- Who made a version, to the secret, and by which operation: hiding a memory and releasing it are no
-- acts on what it says.
ALTER TABLE memory_versions ADD COLUMN secret_number BIGINT;
ALTER TABLE memory_versions ADD COLUMN operation TEXT COLLATE "C";

-- All that one author wrote in a period.
CREATE INDEX memory_versions_by_agent ON memory_versions (team_id, agent_id, changed_at);
CREATE INDEX memory_versions_by_key ON memory_versions (team_id, key_id, changed_at);
