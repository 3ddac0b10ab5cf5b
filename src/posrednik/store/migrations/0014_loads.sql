-- The first load of a base (docs/subsystems/first_load.md): where it stands, so that it goes on after any end.

CREATE TABLE load (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    base_id uuid NOT NULL REFERENCES base,
    state text NOT NULL,
    asked_by text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    -- Who reads now; nobody else may write while this holds. A new runner takes over when the lease has ended.
    runner uuid,
    lease_until timestamptz,
    -- Rows read so far, the rank of the next one within its epoch: a later reading of an object is the newer one.
    rows_read integer NOT NULL,
    rate double precision NOT NULL DEFAULT 0,
    notes jsonb NOT NULL DEFAULT '[]',
    CONSTRAINT state_known CHECK (state IN ('running', 'stopped', 'failed', 'done')),
    CONSTRAINT finished_when_done CHECK ((finished_at IS NOT NULL) = (state = 'done'))
);
CREATE UNIQUE INDEX load_open ON load (base_id) WHERE state <> 'done';
CREATE INDEX load_of_base ON load (base_id, id);

-- One entity set of a load. position: {"since", "until"} months, {"window", "skip", "last"}.
CREATE TABLE load_set (
    load_id bigint NOT NULL REFERENCES load,
    place smallint NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    total bigint,
    done bigint NOT NULL DEFAULT 0,
    bad bigint NOT NULL DEFAULT 0,
    theirs bigint,
    ours bigint,
    position jsonb NOT NULL DEFAULT '{}',
    differing jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (load_id, place),
    CONSTRAINT state_known CHECK (state IN ('waiting', 'read', 'checked'))
);
