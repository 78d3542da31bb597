-- What the index in memory is made from and kept in step by. Each change of a memory takes the
-- team's next number; who has seen all up to one asks for those above it.

ALTER TABLE memories ADD COLUMN change_number BIGINT NOT NULL DEFAULT 0;

UPDATE memories SET change_number = numbered.number
FROM (SELECT team_id, memory_id,
             row_number() OVER (PARTITION BY team_id ORDER BY updated_at, memory_id) AS number
      FROM memories) numbered
WHERE numbered.team_id = memories.team_id AND numbered.memory_id = memories.memory_id;

CREATE UNIQUE INDEX memories_by_change ON memories (team_id, change_number);

-- Memories that are gone, rows and all: each is a change too.
CREATE TABLE memory_removals (
    team_id       TEXT COLLATE "C" NOT NULL REFERENCES teams (team_id),
    change_number BIGINT NOT NULL,
    memory_id     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (team_id, change_number)
) /* by team */;

-- The model of a memory's vectors; nothing where they are still to be made, and empty where none are
-- wanted.
ALTER TABLE memories ADD COLUMN pieces_model TEXT COLLATE "C";

UPDATE memories SET pieces_model = '' WHERE status = 'forgotten';

CREATE INDEX memories_by_pieces ON memories (team_id, pieces_model, change_number);

-- Vectors of stretches of a memory's content, whose places are counted in bytes.
CREATE TABLE memory_pieces (
    team_id   TEXT COLLATE "C" NOT NULL,
    memory_id TEXT COLLATE "C" NOT NULL,
    piece     BIGINT NOT NULL,
    begins    BIGINT NOT NULL,
    ends      BIGINT NOT NULL,
    model     TEXT COLLATE "C" NOT NULL,
    scale     DOUBLE PRECISION NOT NULL,
    -- Whole numbers of 8 bits with their sign.
    vector    BYTEA  NOT NULL,
    PRIMARY KEY (team_id, memory_id, piece),
    FOREIGN KEY (team_id, memory_id) REFERENCES memories (team_id, memory_id)
) /* by team */;
