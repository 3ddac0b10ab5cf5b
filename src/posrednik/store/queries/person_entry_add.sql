-- person_entry_add: in: auth_hash, person_id. A pass that was used adds no row.
INSERT INTO person_entry (auth_hash, person_id) VALUES (%(auth_hash)s, %(person_id)s) ON CONFLICT DO NOTHING
