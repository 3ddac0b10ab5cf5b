-- Runs of reconciliation and what they find (docs/subsystems/reconciliation.md).

-- One run of reconciliation: a base is asked to compare everything, and a random sample of objects field by field.
-- Everything a run has compared and found hangs on it; its figures are counted from there and never kept twice.
CREATE TABLE reconciliation (
    id uuid PRIMARY KEY,
    base_id uuid NOT NULL REFERENCES base,
    reason text NOT NULL,
    asked_by text NOT NULL,
    -- Of which night, by the base's calendar; only a run that began by itself has one.
    night date,
    state text NOT NULL DEFAULT 'running',
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    -- The base has said that it has nothing more to compare.
    ended boolean NOT NULL DEFAULT false,
    sample_size integer NOT NULL DEFAULT 0,
    sample_checked integer NOT NULL DEFAULT 0,
    sample_agreed integer NOT NULL DEFAULT 0,
    -- `kind:ref` of what was asked for and has not come yet.
    sample_left text[] NOT NULL DEFAULT '{}',
    CONSTRAINT reason_known CHECK (reason IN ('nightly', 'asked', 'load')),
    CONSTRAINT state_known CHECK (state IN ('running', 'done', 'late')),
    CONSTRAINT running_has_no_end CHECK ((state = 'running') = (finished_at IS NULL)),
    CONSTRAINT night_of_nightly CHECK ((reason = 'nightly') = (night IS NOT NULL)),
    CONSTRAINT sample_within CHECK (0 <= sample_agreed AND sample_agreed <= sample_checked AND sample_checked <= sample_size)
);
CREATE UNIQUE INDEX one_running_reconciliation ON reconciliation (base_id) WHERE state = 'running';
CREATE UNIQUE INDEX one_reconciliation_a_night ON reconciliation (base_id, night);
CREATE INDEX reconciliation_by_time ON reconciliation (started_at);

-- An object that did not agree. Its rank is that of the mirror then (zeros = it was not there): a later one repairs it.
CREATE TABLE reconciliation_found (
    run_id uuid NOT NULL REFERENCES reconciliation,
    kind text NOT NULL,
    ref text NOT NULL,
    sampled boolean NOT NULL,
    what text NOT NULL,
    fields text[] NOT NULL DEFAULT '{}',
    epoch_no integer NOT NULL,
    number bigint NOT NULL,
    idx integer NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    repaired_at timestamptz,
    PRIMARY KEY (run_id, sampled, kind, ref),
    CONSTRAINT what_known CHECK (what IN ('missing_here', 'changed', 'missing_there', 'waiting', 'quarantined', 'sample')),
    CONSTRAINT sampled_says_so CHECK (sampled = (what = 'sample'))
);
CREATE INDEX reconciliation_not_repaired ON reconciliation_found (run_id) WHERE repaired_at IS NULL;

-- differing: objects that did not agree, told by listing them; null = nobody has listed them. unlisted: parts of a large
-- slice that are to be listed still; until the last one is, `differing` is not the whole.
ALTER TABLE slice_check ADD COLUMN run_id uuid REFERENCES reconciliation;
ALTER TABLE slice_check ADD COLUMN differing bigint;
ALTER TABLE slice_check ADD COLUMN unlisted text[];
ALTER TABLE slice_check ADD CONSTRAINT what_agrees_is_not_listed CHECK (equal IS NOT TRUE OR (differing IS NULL AND unlisted IS NULL));
CREATE INDEX slice_check_of_run ON slice_check (run_id, kind, slice, id) WHERE run_id IS NOT NULL;
