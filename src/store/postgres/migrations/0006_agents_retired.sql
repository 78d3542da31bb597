-- An agent that was deleted stays as a record, because memories and the trail refer to it. Its slug
-- is free again: the record's own is followed by `~` and its id, which no caller can name.

ALTER TABLE agents ADD COLUMN retired_at BIGINT;
