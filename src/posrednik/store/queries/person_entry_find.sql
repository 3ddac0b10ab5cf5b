-- person_entry_find: whether a pass of the portal let somebody in. in: auth_hash
SELECT 1 AS seen FROM person_entry WHERE auth_hash = %(auth_hash)s
