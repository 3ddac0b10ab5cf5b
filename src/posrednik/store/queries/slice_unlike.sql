-- slice_unlike: lines `ref:version` that only one side has. in: base_id, kind, since, until, part (null = all, else as slice_parts tells it
-- of the same `at`), lines (theirs)
-- out: theirs (a line that is not here), ref (of an object of the slice whose line is not theirs), epoch_no, number, idx
WITH theirs AS (
    SELECT DISTINCT line FROM unnest(%(lines)b::text[]) AS t (line)
), ours AS (
    SELECT ref, ref || ':' || version AS line, epoch_no, number, idx FROM mirror
    WHERE base_id = %(base_id)s AND kind = %(kind)s AND NOT deleted
        AND (%(since)s::text IS NULL OR (data ->> 'date' >= %(since)s AND data ->> 'date' < %(until)s))
        AND (%(part)s::text IS NULL OR lower(coalesce(nullif(substr(ref, %(at)s, 2), ''), left(ref, 2)) COLLATE "C") = %(part)s)
)
SELECT t.line AS theirs, o.ref, o.epoch_no, o.number, o.idx FROM theirs t FULL JOIN ours o ON o.line = t.line
WHERE t.line IS NULL OR o.line IS NULL
