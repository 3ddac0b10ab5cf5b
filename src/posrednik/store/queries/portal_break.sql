-- portal_break: the pair of `revision` is dead. in: domain, client_id, revision, owner (of the lease), code
UPDATE portal_install SET state = 'broken', code = %(code)s, lease_owner = NULL, lease_until = NULL
WHERE domain = %(domain)s AND client_id = %(client_id)s AND revision = %(revision)s AND lease_owner = %(owner)s
    AND state = 'installed'
