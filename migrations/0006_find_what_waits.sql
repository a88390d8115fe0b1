-- A million movements: each index is paid for by every row that is written, so there are only
-- those that a statement needs (src/ledger/tests/plans.rs holds the two against each other).

-- What is not accepted, by state: what can be claimed, oldest receipt first among what is due;
-- what a killed process left; the counts of the backlog. A statement uses it if it says
-- `state <> 'accepted'` beside what it looks for.
CREATE INDEX revision_open ON revision (state, operator_id, due_at, received_at)
    WHERE state <> 'accepted';
DROP INDEX revision_to_send;
DROP INDEX revision_left_over;
DROP INDEX revision_uncertain;

-- What a run read or settled: a state in these would move each row's entry at each of its steps.
DROP INDEX revision_read;
CREATE INDEX revision_read ON revision (read_run_id);
DROP INDEX revision_settled;
CREATE INDEX revision_settled ON revision (settled_run_id, read_run_id)
    WHERE settled_run_id IS NOT NULL;

-- The few movements with several revisions: all others show the only one they have.
CREATE INDEX revision_further ON revision (movement_id, number) WHERE number > 1;

-- Movements whose apiCode or permit were themselves at fault.
CREATE INDEX movement_unsure ON movement (reference) WHERE key_is_sure = 0;
