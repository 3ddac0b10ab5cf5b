-- portal_get: our application on a portal. in: domain, client_id. out: all columns that are kept, rest_s (seconds until
-- the next try to renew, 0 = now), lease_s (seconds until a lease that somebody has ends, 0 = nobody has one),
-- age_s (of the refresh token, seconds)
SELECT domain, member_id, client_id, user_id, access, refresh, application_token, scope, state, code, revision,
    expires_at, installed_at, refreshed_at, failures,
    greatest(0, coalesce(extract(epoch FROM rest_until - clock_timestamp()), 0))::float8 AS rest_s,
    greatest(0, coalesce(extract(epoch FROM lease_until - clock_timestamp()), 0))::float8 AS lease_s,
    extract(epoch FROM clock_timestamp() - refreshed_at)::float8 AS age_s
FROM portal_install WHERE domain = %(domain)s AND client_id = %(client_id)s
