-- quarantine_any: does this base have anything in quarantine? in: base_id. out: a row if so
SELECT 1 AS one FROM quarantine WHERE base_id = %(base_id)s AND cleared_at IS NULL LIMIT 1
