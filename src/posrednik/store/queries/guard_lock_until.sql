-- guard_lock_until: in: subject, locked_until (NULL = at once again)
UPDATE sign_in_guard SET locked_until = %(locked_until)s WHERE subject = %(subject)s
