-- Who owns which field, where a page says otherwise than the file. name: kind.field; owners NULL: the file's again.
-- version: of the whole table when the row was written. See docs/subsystems/ownership.md.
CREATE TABLE field_owner (
    name text PRIMARY KEY,
    owners text[],
    version bigint NOT NULL,
    who text NOT NULL,
    at timestamptz NOT NULL,
    reason text NOT NULL,
    CONSTRAINT somebody_owns_it CHECK (cardinality(owners) > 0)
);

-- How often a write to a field of another owner was refused, by day (UTC).
CREATE TABLE field_refusal (
    day date NOT NULL,
    name text NOT NULL,
    system text NOT NULL,
    n bigint NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (day, name, system)
);
