-- quarantine_again: why these still cannot be read. in: arrays ids, codes, messages, fields, values
UPDATE quarantine q SET code = u.code, message = u.message, field = u.field, value = u.value
FROM unnest(%(ids)s::bigint[], %(codes)s::text[], %(messages)s::text[], %(fields)s::text[], %(values)s::text[])
    AS u (id, code, message, field, value)
WHERE q.id = u.id AND q.cleared_at IS NULL
