-- portal_rest: a renewal failed and is tried again later. in: domain, client_id, revision, owner, rest_s, code
UPDATE portal_install SET failures = failures + 1, code = %(code)s,
    rest_until = clock_timestamp() + make_interval(secs => %(rest_s)s), lease_owner = NULL, lease_until = NULL
WHERE domain = %(domain)s AND client_id = %(client_id)s AND revision = %(revision)s AND lease_owner = %(owner)s
