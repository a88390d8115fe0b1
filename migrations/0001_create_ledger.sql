-- The ledger: every record that was read, in exactly one state, and all that happened to it.
--
-- Times are milliseconds since 1970 in UTC. States and methods are text with CHECK, so that a
-- person with any SQLite tool can read them, and the same ledger can live in PostgreSQL later.
-- Steps between states are decided by one table in the program (src/submission), nowhere here.

CREATE TABLE ledger (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    uuid TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL
) STRICT;

-- An environment's name is bound to its URLs on first use: the same name never means another
-- service in one ledger.
CREATE TABLE environment (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    api_url TEXT NOT NULL,
    token_url TEXT NOT NULL,
    bound_at INTEGER NOT NULL
) STRICT;

-- One row for each process that wrote. A row without an end belongs to a process that runs, or
-- that was killed.
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    environment_id INTEGER NOT NULL REFERENCES environment (id),
    command TEXT NOT NULL,
    version TEXT NOT NULL,
    user_name TEXT NOT NULL,
    host_name TEXT NOT NULL,
    process_id INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    exit_code INTEGER,
    summary TEXT
) STRICT;

-- One row for each file that was read, also when nothing of it was admitted.
CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES run (id),
    path TEXT NOT NULL,
    format TEXT NOT NULL,
    size INTEGER,
    read_at INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('admitted', 'refused')),
    refusal TEXT,
    records INTEGER NOT NULL DEFAULT 0,
    invalid INTEGER NOT NULL DEFAULT 0,
    CHECK ((outcome = 'refused') = (refusal IS NOT NULL))
) STRICT;

-- An operator is an apiCode in an environment; empty where a record had none.
CREATE TABLE operator (
    id INTEGER PRIMARY KEY,
    environment_id INTEGER NOT NULL REFERENCES environment (id),
    api_code TEXT NOT NULL,
    UNIQUE (environment_id, api_code)
) STRICT;

-- A movement is known by operator, site and reference. `series` tells apart loads that share a
-- reference because a person said that they are different loads. `site` is the comparable form of
-- `authorisation_number`. Where apiCode or permit were themselves at fault, `key_is_sure` is 0,
-- and a corrected reading of the reference takes the movement's place.
CREATE TABLE movement (
    id INTEGER PRIMARY KEY,
    operator_id INTEGER NOT NULL REFERENCES operator (id),
    site TEXT NOT NULL,
    reference TEXT NOT NULL,
    series INTEGER NOT NULL DEFAULT 1,
    authorisation_number TEXT NOT NULL,
    key_is_sure INTEGER NOT NULL CHECK (key_is_sure IN (0, 1)),
    waste_tracking_id TEXT,
    current_revision_id INTEGER REFERENCES revision (id),
    UNIQUE (reference, operator_id, site, series)
) STRICT;

-- The contents of a movement as read, each with its state. `content_hash` is SHA-256 over `salt`
-- and `payload`: a later purge deletes payload and salt, and the hash then tells nothing of what
-- it covered. `read_run_id` is the last run that read this content, `settled_run_id` the last one
-- that changed its state by an answer or a decision.
CREATE TABLE revision (
    id INTEGER PRIMARY KEY,
    movement_id INTEGER NOT NULL REFERENCES movement (id),
    number INTEGER NOT NULL,
    operator_id INTEGER NOT NULL REFERENCES operator (id),
    state TEXT NOT NULL CHECK (state IN ('invalid', 'ready', 'sending', 'accepted', 'rejected',
        'deferred', 'uncertain', 'held', 'superseded', 'withdrawn')),
    why TEXT NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('POST', 'PUT')),
    payload BLOB,
    salt BLOB,
    content_hash BLOB NOT NULL,
    file_id INTEGER NOT NULL REFERENCES file (id),
    line INTEGER NOT NULL,
    created_run_id INTEGER NOT NULL REFERENCES run (id),
    read_run_id INTEGER NOT NULL REFERENCES run (id),
    settled_run_id INTEGER REFERENCES run (id),
    received_at INTEGER,
    received_on TEXT,
    due_at INTEGER NOT NULL DEFAULT 0,
    claimed_at INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    warned INTEGER NOT NULL DEFAULT 0 CHECK (warned IN (0, 1)),
    may_be_applied INTEGER NOT NULL DEFAULT 0 CHECK (may_be_applied IN (0, 1)),
    changed_at INTEGER NOT NULL,
    UNIQUE (movement_id, number)
) STRICT;

CREATE INDEX revision_to_send ON revision (operator_id, received_at, id)
    WHERE state IN ('ready', 'deferred');
CREATE INDEX revision_left_over ON revision (id) WHERE state = 'sending';
CREATE INDEX revision_uncertain ON revision (id) WHERE state = 'uncertain';
CREATE INDEX revision_read ON revision (read_run_id, state);
CREATE INDEX revision_settled ON revision (settled_run_id, state);

-- One row for each request, written with its answer; never changed or removed.
CREATE TABLE attempt (
    id INTEGER PRIMARY KEY,
    revision_id INTEGER NOT NULL REFERENCES revision (id),
    run_id INTEGER NOT NULL REFERENCES run (id),
    number INTEGER NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('POST', 'PUT')),
    started_at INTEGER NOT NULL,
    duration_ms INTEGER,
    outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'rejected', 'deferred', 'uncertain')),
    reason TEXT NOT NULL,
    status INTEGER,
    waste_tracking_id TEXT,
    request_id TEXT,
    service_charge_expiry TEXT,
    detail TEXT,
    UNIQUE (revision_id, number)
) STRICT;

CREATE TRIGGER attempt_is_never_changed BEFORE UPDATE ON attempt
BEGIN SELECT RAISE (ABORT, 'attempts are never changed'); END;
CREATE TRIGGER attempt_is_never_removed BEFORE DELETE ON attempt
BEGIN SELECT RAISE (ABORT, 'attempts are never removed'); END;

-- What a person, or a policy that a person configured, decided; never changed or removed.
CREATE TABLE decision (
    id INTEGER PRIMARY KEY,
    revision_id INTEGER NOT NULL REFERENCES revision (id),
    run_id INTEGER NOT NULL REFERENCES run (id),
    decided_at INTEGER NOT NULL,
    user_name TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('accepted', 'resend', 'withdraw', 'update', 'keep',
        'new')),
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    waste_tracking_id TEXT,
    note TEXT
) STRICT;

CREATE INDEX decision_of_revision ON decision (revision_id);

CREATE TRIGGER decision_is_never_changed BEFORE UPDATE ON decision
BEGIN SELECT RAISE (ABORT, 'decisions are never changed'); END;
CREATE TRIGGER decision_is_never_removed BEFORE DELETE ON decision
BEGIN SELECT RAISE (ABORT, 'decisions are never removed'); END;

-- What was wrong with a revision (said by us before it was sent, or by the API in the answer to an
-- attempt), or with a record that has no usable reference and so is no movement.
CREATE TABLE finding (
    id INTEGER PRIMARY KEY,
    revision_id INTEGER REFERENCES revision (id),
    attempt_id INTEGER REFERENCES attempt (id),
    record_id INTEGER REFERENCES unidentified (id),
    severity TEXT NOT NULL CHECK (severity IN ('error', 'blocking', 'warning', 'advice')),
    key TEXT NOT NULL,
    error_type TEXT NOT NULL,
    message TEXT NOT NULL,
    line INTEGER,
    column_number INTEGER,
    column_name TEXT,
    CHECK ((revision_id IS NULL) <> (record_id IS NULL))
) STRICT;

CREATE INDEX finding_of_revision ON finding (revision_id) WHERE revision_id IS NOT NULL;
CREATE INDEX finding_of_record ON finding (record_id) WHERE record_id IS NOT NULL;

-- A record without a usable reference: kept under its file.
CREATE TABLE unidentified (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES file (id),
    run_id INTEGER NOT NULL REFERENCES run (id),
    line INTEGER NOT NULL,
    payload BLOB
) STRICT;

CREATE INDEX unidentified_of_run ON unidentified (run_id);
