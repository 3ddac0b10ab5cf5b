-- guard_clear: the right password was given, or an administrator says so. in: subject
DELETE FROM sign_in_guard WHERE subject = %(subject)s
