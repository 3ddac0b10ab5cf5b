-- portal_put: an administrator installed the application, or his opening brought new tokens. in: domain, member_id,
-- client_id, user_id, access, refresh, application_token (NULL = not told), scope, expires_in_s. Ends any lease.
INSERT INTO portal_install AS p (domain, member_id, client_id, user_id, access, refresh, application_token, scope,
    expires_at)
VALUES (%(domain)s, %(member_id)s, %(client_id)s, %(user_id)s, %(access)s, %(refresh)s, %(application_token)s,
    %(scope)s, clock_timestamp() + make_interval(secs => %(expires_in_s)s))
ON CONFLICT (domain) DO UPDATE SET member_id = excluded.member_id, client_id = excluded.client_id,
    user_id = excluded.user_id, access = excluded.access, refresh = excluded.refresh,
    application_token = excluded.application_token, scope = excluded.scope, expires_at = excluded.expires_at,
    state = 'installed', code = '', revision = p.revision + 1, installed_at = clock_timestamp(),
    refreshed_at = clock_timestamp(), failures = 0, rest_until = NULL, lease_owner = NULL, lease_until = NULL
