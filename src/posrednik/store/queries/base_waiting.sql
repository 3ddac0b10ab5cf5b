-- base_waiting: objects of a base that wait for others, longest first. in: base_id, limit; since, kind, ref (of the last one
-- before this page, or null). out: kind, ref, name, since, number (of its message, 0: of a first load), needs (how many)
SELECT w.kind, w.ref, coalesce(w.data ->> 'number', w.data ->> 'name', '') AS name, w.since, w.number,
    (SELECT count(*) FROM waiting_need n WHERE n.base_id = w.base_id AND n.kind = w.kind AND n.ref = w.ref) AS needs
FROM waiting_object w
WHERE w.base_id = %(base_id)s
    AND (%(since)s::timestamptz IS NULL OR (w.since, w.kind, w.ref) > (%(since)s, %(kind)s::text, %(ref)s::text))
ORDER BY w.since, w.kind, w.ref LIMIT %(limit)s
