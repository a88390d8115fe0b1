-- A file that lies in a folder night after night is read once: path, size and the time of its last
-- change (milliseconds since 1970) tell whether it is the one that was read.
ALTER TABLE file ADD COLUMN modified_at INTEGER;

CREATE INDEX file_of_path ON file (path);
