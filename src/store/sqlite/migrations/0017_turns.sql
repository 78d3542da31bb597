-- Turns of conversations are numbered from far below zero: see entries.rs. Full text keeps no texts, so
-- the words of those that are there are put together again from its index.

CREATE VIRTUAL TABLE temp.words_there USING fts5vocab('main', 'memory_words', 'instance');

INSERT INTO memory_words (rowid, title, labels, content)
SELECT doc - 4611686018427387905,
       coalesce(group_concat(term, ' ' ORDER BY "offset") FILTER (WHERE col = 'title'), ''),
       coalesce(group_concat(term, ' ' ORDER BY "offset") FILTER (WHERE col = 'labels'), ''),
       coalesce(group_concat(term, ' ' ORDER BY "offset") FILTER (WHERE col = 'content'), '')
FROM temp.words_there
WHERE doc IN (SELECT entry FROM memories WHERE thread IS NOT NULL AND position IS NOT NULL)
GROUP BY doc;

-- Those of no word.
INSERT INTO memory_words (rowid, title, labels, content)
SELECT entry - 4611686018427387905, '', '', '' FROM memories
WHERE thread IS NOT NULL AND position IS NOT NULL
  AND entry IN (SELECT id FROM memory_words_docsize)
  AND entry - 4611686018427387905 NOT IN (SELECT id FROM memory_words_docsize);

DELETE FROM memory_words
WHERE rowid IN (SELECT m.entry FROM memories m JOIN memory_words_docsize d ON d.id = m.entry
                WHERE m.thread IS NOT NULL AND m.position IS NOT NULL);

UPDATE memories SET entry = entry - 4611686018427387905
WHERE thread IS NOT NULL AND position IS NOT NULL;

DROP TABLE temp.words_there;
