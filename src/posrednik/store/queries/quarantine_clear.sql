-- quarantine_clear: a later good version of an object clears it. in: base_id; arrays kinds, refs,
-- epoch_nos, numbers, idxs (the rank of the good version)
UPDATE quarantine q SET cleared_at = now(), cleared_why = 'пришла исправленная версия'
FROM unnest(%(kinds)b::text[], %(refs)b::text[], %(epoch_nos)b::int[], %(numbers)b::bigint[], %(idxs)b::int[])
    AS u (kind, ref, epoch_no, number, idx)
WHERE q.base_id = %(base_id)s AND q.kind = u.kind AND q.ref = u.ref AND q.cleared_at IS NULL
    AND (q.epoch_no, q.number, q.idx) < (u.epoch_no, u.number, u.idx)
