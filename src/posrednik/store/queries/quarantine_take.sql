-- quarantine_take: rows of one base to try again, in the order in which they came, locked. in: base_id; ids (null = all),
-- kind, code, field, value (null = any); limit. out: id, kind, ref, epoch_no, number, idx, body
SELECT id, kind, ref, epoch_no, number, idx, body FROM quarantine
WHERE base_id = %(base_id)s AND cleared_at IS NULL AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s))
    AND (%(kind)s::text IS NULL OR kind = %(kind)s) AND (%(code)s::text IS NULL OR code = %(code)s)
    AND (%(field)s::text IS NULL OR field = %(field)s) AND (%(value)s::text IS NULL OR value = %(value)s)
ORDER BY epoch_no, number, idx, id LIMIT %(limit)s FOR UPDATE
