-- quarantine_clear: a later good version of an object clears it. in: base_id; arrays kinds, refs
UPDATE quarantine q SET cleared_at = now(), cleared_why = 'пришла исправленная версия'
FROM unnest(%(kinds)b::text[], %(refs)b::text[]) AS u (kind, ref)
WHERE q.base_id = %(base_id)s AND q.kind = u.kind AND q.ref = u.ref AND q.cleared_at IS NULL
