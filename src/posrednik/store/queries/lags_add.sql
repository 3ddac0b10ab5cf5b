-- lags_add: count lags in their day and bucket, and keep those that are among the worst of their day.
-- in: arrays names, subjects, ats (when it ended), seconds, buckets, grps, division_refs, base_ids, courier_refs,
-- order_refs, whats; and of what subscribers accepted just now, from its event to now: arrays sent_lanes, sent_events,
-- with edge_s, least_s, growth of the buckets (domain/lags.py, bucket_of). A line of thousands a second need not come
-- to the worker and go back for that. Trial orders do not count.
-- Locks rows of lag_day in the order of their keys. Each name is written at one place of the service only, so that two
-- transactions that hold other locks never wait for each other here.
-- A day's zone and the least of its worst are looked up once for all lags of the same, not for each.
WITH given AS MATERIALIZED (
    SELECT * FROM unnest(%(names)b::text[], %(subjects)b::uuid[], %(ats)b::timestamptz[], %(seconds)b::float8[],
        %(buckets)b::smallint[], %(grps)b::text[], %(division_refs)b::text[], %(base_ids)b::uuid[],
        %(courier_refs)b::text[], %(order_refs)b::uuid[], %(whats)b::text[])
        AS u (name, subject, at, seconds, bucket, grp, division_ref, base_id, courier_ref, order_ref, what)
    UNION ALL
    SELECT 'event_to_site', s.id, s.at, s.seconds,
        ceil(ln(greatest(s.seconds, %(least_s)s) / %(edge_s)s) / ln(%(growth)s::float8))::smallint,
        '', s.division_ref, s.base_id, NULL, s.order_ref, s.type
    FROM (
        SELECT e.id, n.at, greatest(0, extract(epoch FROM n.at - e.recorded_at))::float8 AS seconds, e.division_ref,
            e.base_id, e.order_ref, e.type
        FROM unnest(%(sent_lanes)b::bigint[], %(sent_events)b::uuid[]) AS sent (lane_id, event_id)
        JOIN lane l ON l.id = sent.lane_id
        JOIN destination d ON d.id = l.destination_id AND d.kind = 'site'
        JOIN event e ON e.id = sent.event_id AND NOT e.trial
        CROSS JOIN (SELECT clock_timestamp() AS at) n
    ) s
), zone AS MATERIALIZED (
    SELECT division_ref, base_id, zone_of(division_ref, base_id) AS zone FROM given GROUP BY 1, 2
), u AS MATERIALIZED (
    SELECT g.*, (g.at AT TIME ZONE z.zone)::date AS day
    FROM given g JOIN zone z ON z.division_ref = g.division_ref AND z.base_id IS NOT DISTINCT FROM g.base_id
), known AS MATERIALIZED (
    SELECT d.*, coalesce((
        SELECT l.seconds FROM lag l WHERE l.name = d.name AND l.day = d.day AND l.division_ref = d.division_ref
        ORDER BY l.seconds DESC OFFSET 19 LIMIT 1), -1) AS least
    FROM (SELECT DISTINCT name, day, division_ref FROM u) d
), counted AS (
    INSERT INTO lag_day AS l (name, day, division_ref, grp, bucket, n)
    SELECT name, day, division_ref, grp, bucket, count(*) FROM u GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (name, day, division_ref, grp, bucket) DO UPDATE SET n = l.n + excluded.n
)
INSERT INTO lag (name, day, division_ref, seconds, subject, at, grp, courier_ref, order_ref, what)
SELECT w.name, w.day, w.division_ref, w.seconds, w.subject, w.at, w.grp, w.courier_ref, w.order_ref, w.what
FROM (SELECT u.*, row_number() OVER (PARTITION BY name, day, division_ref ORDER BY seconds DESC) AS place FROM u) w
JOIN known k ON k.name = w.name AND k.day = w.day AND k.division_ref = w.division_ref AND w.seconds > k.least
WHERE w.place <= 20
