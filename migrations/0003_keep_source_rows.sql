-- The rows of a record exactly as they were read, so that they can be written out again to be
-- corrected, and so that what a file said can be shown a year later. Ledgers from before have none.
--
-- What the rows of a file are set in: once for all files that are set alike. `header` is all that
-- stands above the first row, `titles_at` where in it the row with the column names begins.
CREATE TABLE layout (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    format TEXT NOT NULL,
    encoding TEXT NOT NULL,
    delimiter TEXT NOT NULL,
    header BLOB NOT NULL,
    titles_at INTEGER NOT NULL
) STRICT;

-- `hash` is SHA-256 over `salt` and the rows: a purge deletes `packed` and `salt`, and the hash then
-- tells nothing of what it covered. `packed` begins with a byte that says how: 0 as they are, 1 as
-- an LZ4 block whose dictionary is the record's payload (most of what a row holds stands there too),
-- so it must be deleted with the payload.
CREATE TABLE revision_source (
    revision_id INTEGER PRIMARY KEY REFERENCES revision (id),
    layout_id INTEGER NOT NULL REFERENCES layout (id),
    packed BLOB,
    salt BLOB,
    hash BLOB NOT NULL
) STRICT;

CREATE TABLE record_source (
    record_id INTEGER PRIMARY KEY REFERENCES unidentified (id),
    layout_id INTEGER NOT NULL REFERENCES layout (id),
    packed BLOB,
    salt BLOB,
    hash BLOB NOT NULL
) STRICT;
