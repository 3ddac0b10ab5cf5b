-- field_refusals_add: count what was refused. in: at; arrays names, systems, ns (each name and system once)
-- Locks rows of field_refusal in the order of their keys.
INSERT INTO field_refusal AS f (day, name, system, n, last_at)
SELECT (%(at)s::timestamptz AT TIME ZONE 'UTC')::date, u.name, u.system, u.n, %(at)s
FROM unnest(%(names)b::text[], %(systems)b::text[], %(ns)b::bigint[]) AS u (name, system, n) ORDER BY u.name, u.system
ON CONFLICT (day, name, system) DO UPDATE SET n = f.n + excluded.n, last_at = greatest(f.last_at, excluded.last_at)
