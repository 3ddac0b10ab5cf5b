-- slice_digest: count and hash of a slice as the mirror has it. in: base_id, kind, since, until (null = all), epoch_no, number
-- (only what was sent after this rank). out: n, hash
-- Dates of the mirror are ISO 8601 in UTC with `Z`, so they compare as text.
SELECT count(*) AS n, encode(sha256(convert_to(coalesce(string_agg(line, E'\n' ORDER BY line COLLATE "C"), ''), 'UTF8')), 'hex') AS hash
FROM (
    SELECT ref || ':' || version AS line FROM mirror m
    WHERE base_id = %(base_id)s AND kind = %(kind)s AND NOT deleted AND (m.epoch_no, m.number) > (%(epoch_no)s, %(number)s)
        AND (%(since)s::text IS NULL OR (data ->> 'date' >= %(since)s AND data ->> 'date' < %(until)s))
) l
