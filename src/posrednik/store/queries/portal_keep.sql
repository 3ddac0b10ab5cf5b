-- portal_keep: the pair of tokens that follows on `revision`. in: domain, client_id, revision, access, refresh, scope
-- (NULL = not told), expires_in_s. Whoever's lease it is: the portal has given this pair, and the one before is dead.
UPDATE portal_install SET access = %(access)s, refresh = %(refresh)s, scope = coalesce(%(scope)s::text[], scope),
    expires_at = clock_timestamp() + make_interval(secs => %(expires_in_s)s), revision = revision + 1,
    refreshed_at = clock_timestamp(), state = 'installed', code = '', failures = 0, rest_until = NULL,
    lease_owner = NULL, lease_until = NULL
WHERE domain = %(domain)s AND client_id = %(client_id)s AND revision = %(revision)s AND state <> 'uninstalled'
