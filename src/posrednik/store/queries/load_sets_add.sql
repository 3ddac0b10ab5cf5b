-- load_sets_add: what is going to be read. in: id; arrays kinds, totals (null = not known)
INSERT INTO load_set (load_id, place, kind, state, total)
SELECT %(id)s, u.place, u.kind, 'waiting', u.total
FROM unnest(%(kinds)b::text[], %(totals)b::bigint[]) WITH ORDINALITY AS u (kind, total, place)
