-- slice_parts: count and hash of each part of a slice: two characters of the ref from place `at` on (of a shorter ref its first
-- two), only A to Z made small. in: base_id, kind, since, until (null = all), at. out: part, n, hash
SELECT part, count(*) AS n, encode(sha256(convert_to(string_agg(line, E'\n' ORDER BY line COLLATE "C"), 'UTF8')), 'hex') AS hash
FROM (
    SELECT lower(coalesce(nullif(substr(ref, %(at)s, 2), ''), left(ref, 2)) COLLATE "C") AS part, ref || ':' || version AS line
    FROM mirror
    WHERE base_id = %(base_id)s AND kind = %(kind)s AND NOT deleted
        AND (%(since)s::text IS NULL OR (data ->> 'date' >= %(since)s AND data ->> 'date' < %(until)s))
) l GROUP BY part
