-- quarantine_done: what was tried again and could be read leaves the quarantine. in: ids, why
UPDATE quarantine SET cleared_at = now(), cleared_why = %(why)s WHERE id = ANY(%(ids)s) AND cleared_at IS NULL
