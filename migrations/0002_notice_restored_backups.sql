-- A ledger restored from an older backup does not know what was sent after it. `mark` counts the
-- claims and decisions that were committed; the program keeps the same number outside the ledger's
-- folder, so that a ledger that is behind it is noticed.
ALTER TABLE ledger ADD COLUMN mark INTEGER NOT NULL DEFAULT 0;

-- A person who says that the ledger was restored decides about many revisions at once. A CHECK
-- cannot be changed in place.
CREATE TABLE decision_with_restore (
    id INTEGER PRIMARY KEY,
    revision_id INTEGER NOT NULL REFERENCES revision (id),
    run_id INTEGER NOT NULL REFERENCES run (id),
    decided_at INTEGER NOT NULL,
    user_name TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('accepted', 'resend', 'withdraw', 'update', 'keep',
        'new', 'after-restore')),
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    waste_tracking_id TEXT,
    note TEXT
) STRICT;

INSERT INTO decision_with_restore (id, revision_id, run_id, decided_at, user_name, decision,
    from_state, to_state, waste_tracking_id, note)
SELECT id, revision_id, run_id, decided_at, user_name, decision, from_state, to_state,
    waste_tracking_id, note
FROM decision;

DROP TABLE decision;
ALTER TABLE decision_with_restore RENAME TO decision;

CREATE INDEX decision_of_revision ON decision (revision_id);

CREATE TRIGGER decision_is_never_changed BEFORE UPDATE ON decision
BEGIN SELECT RAISE (ABORT, 'decisions are never changed'); END;
CREATE TRIGGER decision_is_never_removed BEFORE DELETE ON decision
BEGIN SELECT RAISE (ABORT, 'decisions are never removed'); END;
