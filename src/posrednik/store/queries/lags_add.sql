-- lags_add: count lags in their day and bucket, and keep those that are among the worst of their day.
-- in: arrays names, subjects, ats (when it ended), seconds, buckets, grps, division_refs, base_ids, courier_refs,
-- order_refs, whats
-- Locks rows of lag_day in the order of their keys. Each name is written at one place of the service only, so that two
-- transactions that hold other locks never wait for each other here.
WITH u AS (
    SELECT u.*, (u.at AT TIME ZONE zone_of(u.division_ref, u.base_id))::date AS day
    FROM unnest(%(names)b::text[], %(subjects)b::uuid[], %(ats)b::timestamptz[], %(seconds)b::float8[],
        %(buckets)b::smallint[], %(grps)b::text[], %(division_refs)b::text[], %(base_ids)b::uuid[],
        %(courier_refs)b::text[], %(order_refs)b::uuid[], %(whats)b::text[])
        AS u (name, subject, at, seconds, bucket, grp, division_ref, base_id, courier_ref, order_ref, what)
), counted AS (
    INSERT INTO lag_day AS l (name, day, division_ref, grp, bucket, n)
    SELECT name, day, division_ref, grp, bucket, count(*) FROM u GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (name, day, division_ref, grp, bucket) DO UPDATE SET n = l.n + excluded.n
)
INSERT INTO lag (name, day, division_ref, seconds, subject, at, grp, courier_ref, order_ref, what)
SELECT w.name, w.day, w.division_ref, w.seconds, w.subject, w.at, w.grp, w.courier_ref, w.order_ref, w.what
FROM (SELECT u.*, row_number() OVER (PARTITION BY name, day, division_ref ORDER BY seconds DESC) AS place FROM u) w
WHERE w.place <= 20 AND w.seconds > coalesce((
    SELECT l.seconds FROM lag l WHERE l.name = w.name AND l.day = w.day AND l.division_ref = w.division_ref
    ORDER BY l.seconds DESC OFFSET 19 LIMIT 1), -1)
