-- view_quarantine: what could not be applied, newest first. in (null = any): base (its id), kind, code, field, value,
-- q (ref, or a part of the reason in lower case), id, before (id, to go on after it); limit
-- out: id, base_id, base, kind, ref, code, message, received_at, epoch_no, number, idx, body, field, value
SELECT q.id, q.base_id, b.name AS base, q.kind, q.ref, q.code, q.message, q.received_at, q.epoch_no, q.number, q.idx, q.body,
    q.field, q.value
FROM quarantine q JOIN base b ON b.id = q.base_id
WHERE q.cleared_at IS NULL
    AND (%(base)s::uuid IS NULL OR q.base_id = %(base)s)
    AND (%(kind)s::text IS NULL OR q.kind = %(kind)s)
    AND (%(code)s::text IS NULL OR q.code = %(code)s)
    AND (%(field)s::text IS NULL OR q.field = %(field)s)
    AND (%(value)s::text IS NULL OR q.value = %(value)s)
    AND (%(q)s::text IS NULL OR q.ref = %(q)s OR strpos(lower(q.message), %(q)s) > 0)
    AND (%(id)s::bigint IS NULL OR q.id = %(id)s)
    AND (%(before)s::bigint IS NULL OR q.id < %(before)s)
ORDER BY q.id DESC LIMIT %(limit)s
