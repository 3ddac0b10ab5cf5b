-- commands_find: earlier commands of these ids. in: base_id, ids. out: id, content_hash, status, code, message, result (text)
SELECT id, content_hash, status, code, message, result::text AS result FROM command
WHERE base_id = %(base_id)s AND id = ANY(%(ids)b::uuid[])
