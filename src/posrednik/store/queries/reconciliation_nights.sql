-- reconciliation_nights: bases whose run of the night is due, by the database's clock. in: start (seconds after midnight of the
-- base's zone), moment (null = now). out: base_id, night
-- A night begins at `start` and lasts until the next. A base that came after its night began waits for the next one.
SELECT n.base_id, n.night FROM (
    SELECT b.id AS base_id, b.time_zone,
        ((coalesce(%(moment)s::timestamptz, now()) AT TIME ZONE b.time_zone) - make_interval(secs => %(start)s))::date AS night
    FROM base b WHERE b.epoch IS NOT NULL
) n
WHERE EXISTS (SELECT 1 FROM base_epoch e WHERE e.base_id = n.base_id
        AND e.started_at <= (n.night + make_interval(secs => %(start)s)) AT TIME ZONE n.time_zone)
    AND NOT EXISTS (SELECT 1 FROM reconciliation r WHERE r.base_id = n.base_id AND (r.night = n.night OR r.state = 'running'))
ORDER BY n.base_id
