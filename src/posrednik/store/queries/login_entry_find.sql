-- login_entry_find: whether the portal's pass let somebody in. in: auth_hash
SELECT 1 FROM portal_entry WHERE auth_hash = %(auth_hash)s
