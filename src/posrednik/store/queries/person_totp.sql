-- person_totp: the second factor. in: id, secret (NULL = none), is_on. The step that was used last stays with a secret.
UPDATE person SET totp_secret = %(secret)s, totp_on = %(is_on)s,
    totp_step = CASE WHEN totp_secret IS NOT DISTINCT FROM %(secret)s THEN totp_step ELSE 0 END, changed_at = now()
WHERE id = %(id)s
