-- person_password: a new password. in: id, password_hash, one_time_until (NULL = he chose it himself)
UPDATE person SET password_hash = %(password_hash)s, one_time_until = %(one_time_until)s, changed_at = now()
WHERE id = %(id)s
