-- The deadline of a load depends on whether it came through a pipe. That stood in the payload only,
-- and to count the backlog each had to be searched; now counting needs nothing of a revision but
-- this index.
ALTER TABLE revision ADD COLUMN by_pipe INTEGER NOT NULL DEFAULT 0 CHECK (by_pipe IN (0, 1));

UPDATE revision SET by_pipe = 1
WHERE instr(payload, CAST('"Piped"' AS BLOB)) > 0
    AND CASE WHEN json_valid(CAST(payload AS TEXT))
        THEN json_extract(CAST(payload AS TEXT), '$.carrier.meansOfTransport') = 'Piped' END;

DROP INDEX revision_open;
CREATE INDEX revision_open
    ON revision (state, operator_id, due_at, received_at, movement_id, by_pipe)
    WHERE state <> 'accepted';
