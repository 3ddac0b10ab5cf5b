-- guard_find: in: subject. out: failed, locked_until
SELECT failed, locked_until FROM sign_in_guard WHERE subject = %(subject)s
