-- The history is a chain: every attempt, decision, file, end of a run and purge carries its place
-- in one common order (`sequence`) and SHA-256 over the hash before it and its own canonical form
-- (docs/audit.md). What may hold personal data (a body, what was said in words) is in the chain by
-- a salted commitment, so that a purge deletes value and salt and everything else stays
-- verifiable.

-- The head of the chain; NULL until a ledger from before was chained, once, when it is opened.
ALTER TABLE ledger ADD COLUMN chain_count INTEGER;
ALTER TABLE ledger ADD COLUMN chain_head BLOB;

-- Who had personal data deleted, of what, and what was left: `digest` covers the bodies that stay.
CREATE TABLE purge (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES run (id),
    purged_at INTEGER NOT NULL,
    user_name TEXT NOT NULL,
    before_day TEXT NOT NULL,
    revisions INTEGER NOT NULL,
    records INTEGER NOT NULL,
    digest BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;

CREATE TRIGGER purge_is_never_changed BEFORE UPDATE ON purge
BEGIN SELECT RAISE (ABORT, 'purges are never changed'); END;
CREATE TRIGGER purge_is_never_removed BEFORE DELETE ON purge
BEGIN SELECT RAISE (ABORT, 'purges are never removed'); END;

-- `lasting_hash` is SHA-256 over what stays of the payload after a purge; `reading_hash` over all
-- that was known of this content when it was read, and never changes.
ALTER TABLE revision ADD COLUMN lasting_hash BLOB;
ALTER TABLE revision ADD COLUMN reading_hash BLOB;
ALTER TABLE revision ADD COLUMN purge_id INTEGER REFERENCES purge (id);

-- As a revision's: `content_hash` is SHA-256 over salt and payload.
ALTER TABLE unidentified ADD COLUMN salt BLOB;
ALTER TABLE unidentified ADD COLUMN content_hash BLOB;
ALTER TABLE unidentified ADD COLUMN purge_id INTEGER REFERENCES purge (id);

-- `sent_to` is the waste tracking ID that a PUT replaced. `said` commits, with `salt`, to `detail`
-- and to the messages of the answer's findings; `findings_hash` covers the rest of these.
DROP TRIGGER attempt_is_never_changed;
ALTER TABLE attempt ADD COLUMN sent_to TEXT;
ALTER TABLE attempt ADD COLUMN findings_hash BLOB;
ALTER TABLE attempt ADD COLUMN salt BLOB;
ALTER TABLE attempt ADD COLUMN said BLOB;
ALTER TABLE attempt ADD COLUMN sequence INTEGER;
ALTER TABLE attempt ADD COLUMN hash BLOB;

CREATE TRIGGER attempt_is_never_changed BEFORE UPDATE OF id, revision_id, run_id, number, method,
    started_at, duration_ms, outcome, reason, status, waste_tracking_id, request_id,
    service_charge_expiry, sent_to, findings_hash, said, sequence, hash ON attempt
WHEN OLD.hash IS NOT NULL
BEGIN SELECT RAISE (ABORT, 'attempts are never changed'); END;
CREATE TRIGGER attempt_is_only_blanked BEFORE UPDATE OF detail, salt ON attempt
WHEN OLD.hash IS NOT NULL AND (NEW.detail IS NOT NULL OR NEW.salt IS NOT NULL)
BEGIN SELECT RAISE (ABORT, 'attempts are never changed'); END;

-- `said` commits, with `salt`, to `note`.
DROP TRIGGER decision_is_never_changed;
ALTER TABLE decision ADD COLUMN salt BLOB;
ALTER TABLE decision ADD COLUMN said BLOB;
ALTER TABLE decision ADD COLUMN sequence INTEGER;
ALTER TABLE decision ADD COLUMN hash BLOB;

CREATE TRIGGER decision_is_never_changed BEFORE UPDATE OF id, revision_id, run_id, decided_at,
    user_name, decision, from_state, to_state, waste_tracking_id, said, sequence, hash ON decision
WHEN OLD.hash IS NOT NULL
BEGIN SELECT RAISE (ABORT, 'decisions are never changed'); END;
CREATE TRIGGER decision_is_only_blanked BEFORE UPDATE OF note, salt ON decision
WHEN OLD.hash IS NOT NULL AND (NEW.note IS NOT NULL OR NEW.salt IS NOT NULL)
BEGIN SELECT RAISE (ABORT, 'decisions are never changed'); END;

-- The end of a run: its `sequence` and `hash` are the count and the head that it closed with.
ALTER TABLE run ADD COLUMN sequence INTEGER;
ALTER TABLE run ADD COLUMN hash BLOB;

CREATE TRIGGER run_is_never_changed BEFORE UPDATE ON run WHEN OLD.hash IS NOT NULL
BEGIN SELECT RAISE (ABORT, 'runs that have ended are never changed'); END;
CREATE TRIGGER run_is_never_removed BEFORE DELETE ON run
BEGIN SELECT RAISE (ABORT, 'runs are never removed'); END;

ALTER TABLE file ADD COLUMN sequence INTEGER;
ALTER TABLE file ADD COLUMN hash BLOB;

CREATE TRIGGER file_is_never_changed BEFORE UPDATE ON file WHEN OLD.hash IS NOT NULL
BEGIN SELECT RAISE (ABORT, 'files are never changed'); END;
CREATE TRIGGER file_is_never_removed BEFORE DELETE ON file
BEGIN SELECT RAISE (ABORT, 'files are never removed'); END;
