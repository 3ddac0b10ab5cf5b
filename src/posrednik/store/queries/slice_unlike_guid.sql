-- slice_unlike_guid: as slice_unlike, of a part of a slice whose refs are GUIDs, found by the key: a whole slice may be large, and
-- many of its parts differ. in: base_id, kind, since, until, low, high (refs from low up to high), lines (theirs)
-- out: theirs, ref, epoch_no, number, idx
WITH theirs AS (
    SELECT DISTINCT line FROM unnest(%(lines)b::text[]) AS t (line)
), ours AS (
    SELECT ref, ref || ':' || version AS line, epoch_no, number, idx FROM mirror
    WHERE base_id = %(base_id)s AND kind = %(kind)s AND NOT deleted AND ref >= %(low)s AND ref < %(high)s
        AND (%(since)s::text IS NULL OR (data ->> 'date' >= %(since)s AND data ->> 'date' < %(until)s))
)
SELECT t.line AS theirs, o.ref, o.epoch_no, o.number, o.idx FROM theirs t FULL JOIN ours o ON o.line = t.line
WHERE t.line IS NULL OR o.line IS NULL
