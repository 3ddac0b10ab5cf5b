-- What a base writes and what it means here (docs/subsystems/value_maps.md). Quarantine names the field and the value that
-- could not be read, so that all objects with the same one are found.

CREATE TABLE value_map (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    base_id uuid NOT NULL REFERENCES base,
    kind text NOT NULL,
    field text NOT NULL,
    theirs text NOT NULL,
    ours text NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    CONSTRAINT one_meaning UNIQUE (base_id, kind, field, theirs)
);

-- Grows with each change of this base's maps: a process knows by it whether its own are the current ones.
ALTER TABLE base ADD COLUMN maps_version integer NOT NULL DEFAULT 0;

-- field: its path ("lines.product"), "" = the whole object. value: a text, "" = empty or absent, null = no single value,
-- or too long to be mapped. Both null: came before they were kept.
ALTER TABLE quarantine ADD COLUMN field text;
ALTER TABLE quarantine ADD COLUMN value text;
CREATE INDEX quarantine_by_value ON quarantine (base_id, kind, field, value) WHERE cleared_at IS NULL;
