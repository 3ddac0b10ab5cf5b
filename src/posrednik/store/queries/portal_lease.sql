-- portal_lease: the right to ask for the next pair of tokens, for one at a time. in: domain, client_id, revision (of the
-- pair that is over), owner, lease_s. No row touched: somebody has it, it rests, or there is a newer pair.
UPDATE portal_install SET lease_owner = %(owner)s, lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s)
WHERE domain = %(domain)s AND client_id = %(client_id)s AND revision = %(revision)s AND state = 'installed'
    AND coalesce(lease_until <= clock_timestamp(), true) AND coalesce(rest_until <= clock_timestamp(), true)
