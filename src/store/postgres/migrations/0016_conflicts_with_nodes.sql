-- What was there before is a memory, or a node of the strategy: one of the two.
ALTER TABLE conflicts ALTER COLUMN existing_id DROP NOT NULL;
ALTER TABLE conflicts ADD COLUMN node_id TEXT COLLATE "C";
ALTER TABLE conflicts ADD CONSTRAINT conflicts_one_existing
    CHECK ((existing_id IS NULL) <> (node_id IS NULL));
ALTER TABLE conflicts ADD CONSTRAINT conflicts_node
    FOREIGN KEY (team_id, node_id) REFERENCES nodes (team_id, node_id) ON DELETE CASCADE;

CREATE INDEX conflicts_by_node ON conflicts (team_id, node_id) WHERE node_id IS NOT NULL;
