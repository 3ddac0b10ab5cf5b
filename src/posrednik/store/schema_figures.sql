-- The sixth part of the schema: what each day came to, for reports and KPI. docs/subsystems/reports.md.

-- What one event adds to one day, once; the three tables below are the sums of it. counted: {"figures": {name: value},
-- "reasons": {code: n}, "products": [[product, characteristic, quantity_milli, sum_kop]]}, absent where empty.
CREATE TABLE day_entry (
    event_id uuid PRIMARY KEY,
    day date NOT NULL,
    division_ref text NOT NULL,
    courier_ref text NOT NULL,
    counted jsonb NOT NULL
);
CREATE INDEX day_entry_of_day ON day_entry (day, division_ref, courier_ref);

-- A row is changed by the events of one courier only, so that nobody waits for somebody else's day.
CREATE TABLE day_figure (
    day date NOT NULL,
    division_ref text NOT NULL,
    courier_ref text NOT NULL,
    name text NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (day, division_ref, courier_ref, name)
) WITH (fillfactor = 80);

CREATE TABLE day_reason (
    day date NOT NULL,
    division_ref text NOT NULL,
    courier_ref text NOT NULL,
    reason text NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (day, division_ref, courier_ref, reason)
) WITH (fillfactor = 80);

CREATE TABLE day_product (
    day date NOT NULL,
    division_ref text NOT NULL,
    courier_ref text NOT NULL,
    product text NOT NULL,
    characteristic text,
    quantity_milli bigint NOT NULL,
    sum_kop bigint NOT NULL,
    CONSTRAINT one_product_a_day UNIQUE NULLS NOT DISTINCT (day, division_ref, courier_ref, product, characteristic)
) WITH (fillfactor = 80);

-- What the configuration says of a division; without a row its base's zone is meant.
CREATE TABLE division_zone (
    division_ref text PRIMARY KEY,
    time_zone text NOT NULL
);

CREATE INDEX incident_undecided ON incident (kind, courier_ref) WHERE state = 'open';
