-- load_extra: objects of a slice that are here, were not deleted, and were not among what 1C has. in: base_id, kind, since,
-- until (null = all), seen (array of refs), limit. out: ref, version
SELECT m.ref, m.version FROM mirror m
WHERE m.base_id = %(base_id)s AND m.kind = %(kind)s AND NOT m.deleted AND m.ref <> ALL(%(seen)b::text[])
    AND (%(since)s::text IS NULL OR (m.data ->> 'date' >= %(since)s AND m.data ->> 'date' < %(until)s))
ORDER BY m.ref LIMIT %(limit)s
