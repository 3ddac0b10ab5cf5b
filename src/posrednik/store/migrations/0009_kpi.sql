-- 0009_kpi: how long things took, what went wrong by day, baselines. See docs/subsystems/kpi.md.

-- How many lags of a day fell into which bucket (domain/lags.py). grp: pilot or control while the division is in pilot,
-- else empty. division_ref: empty = of the whole company.
CREATE TABLE lag_day (
    name text NOT NULL,
    day date NOT NULL,
    division_ref text NOT NULL,
    grp text NOT NULL,
    bucket smallint NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (name, day, division_ref, grp, bucket),
    CONSTRAINT lag_group_known CHECK (grp IN ('', 'pilot', 'control'))
) WITH (fillfactor = 80);

-- The worst of a day, by name: at least the 20 longest; some shorter ones stay that were among them for a while.
-- subject: an event, or a delivery.
CREATE TABLE lag (
    name text NOT NULL,
    day date NOT NULL,
    division_ref text NOT NULL,
    seconds double precision NOT NULL,
    subject uuid NOT NULL,
    at timestamptz NOT NULL,
    grp text NOT NULL,
    courier_ref text,
    order_ref uuid,
    what text NOT NULL DEFAULT ''
);
CREATE INDEX lag_worst ON lag (name, day, division_ref, seconds);

-- What happened how often on a day, and is in no figure of reports: names in domain/lags.py.
CREATE TABLE day_count (
    day date NOT NULL,
    division_ref text NOT NULL,
    name text NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (day, division_ref, name)
) WITH (fillfactor = 80);

-- What «готов → отдан» was before. Never changed: a later one supersedes the earlier ones of its division.
CREATE TABLE baseline (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    division_ref text NOT NULL,
    kind text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    p50_s double precision NOT NULL,
    n bigint NOT NULL,
    source text NOT NULL,
    who text NOT NULL,
    why text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT baseline_kind_known CHECK (kind IN ('measured', 'imported')),
    CONSTRAINT baseline_days_in_order CHECK (first_day <= last_day),
    CONSTRAINT baseline_of_something CHECK (n >= 1 AND p50_s > 0),
    CONSTRAINT baseline_told_why CHECK (why <> '' AND source <> '')
);
CREATE INDEX baseline_of ON baseline (division_ref, id);

CREATE FUNCTION baseline_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a baseline is never changed; a new one supersedes it' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER baseline_frozen BEFORE UPDATE OR DELETE ON baseline FOR EACH ROW EXECUTE FUNCTION baseline_is_frozen();

-- Where the days of a division begin: what a page set, else the file's, else its base's.
CREATE FUNCTION zone_of(division text, base uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT s.changes #>> '{time_zone,value}' FROM division_setting s WHERE s.division_ref = division),
        (SELECT z.time_zone FROM division_zone z WHERE z.division_ref = division),
        (SELECT b.time_zone FROM base b WHERE b.id = base), 'Europe/Moscow')
$$;

CREATE INDEX command_ready_of ON command (base_id, order_ref) WHERE type = 'delivery.ready';
CREATE INDEX incident_of_kind ON incident (kind, raised_at);
