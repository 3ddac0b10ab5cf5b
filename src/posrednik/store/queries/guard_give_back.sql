-- guard_give_back: a try that was none: it was let through, so nothing was locked before it. in: subject
UPDATE sign_in_guard SET failed = greatest(failed - 1, 0), locked_until = NULL WHERE subject = %(subject)s
