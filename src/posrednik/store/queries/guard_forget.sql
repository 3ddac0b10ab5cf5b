-- guard_forget: what nobody tried for a day is of no use. in: forgotten
DELETE FROM sign_in_guard WHERE subject IN (SELECT subject FROM sign_in_guard WHERE last_at < %(forgotten)s
    AND (locked_until IS NULL OR locked_until < %(forgotten)s) LIMIT 100 FOR UPDATE SKIP LOCKED)
