-- session_touch: a token is in use; a session goes on by that. in: id, idle_s (so long without use ends it), most_s (its
-- end in any case). One that the portal opened ends when it was said to. Written at most once a minute, however many
-- processes see it.
UPDATE token SET last_at = now(), expires_at = CASE WHEN entry = 'password'
    THEN least(greatest(expires_at, now() + make_interval(secs => %(idle_s)s)), created_at + make_interval(secs => %(most_s)s))
    ELSE expires_at END
WHERE id = %(id)s AND revoked_at IS NULL AND coalesce(last_at < now() - interval '1 minute', true)
