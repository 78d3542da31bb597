-- What no turn of a conversation has among its words: see NO_TURN.
UPDATE memory_words w
SET lexemes = w.lexemes || array_to_tsvector(ARRAY[right(w.team_id, 4) || ' no turn'])
FROM memories m
WHERE m.team_id = w.team_id AND m.memory_id = w.memory_id
  AND (m.thread IS NULL OR m.position IS NULL);
