-- guard_give_back: a try that was none. in: subject, free (so many wrong ones do not lock)
UPDATE sign_in_guard SET failed = greatest(failed - 1, 0),
    locked_until = CASE WHEN failed - 1 < %(free)s THEN NULL ELSE locked_until END
WHERE subject = %(subject)s
