-- login_entry_add: the portal's pass let somebody in. in: auth_hash, courier_ref, now. No row: it did so before
INSERT INTO portal_entry (auth_hash, courier_ref, entered_at) VALUES (%(auth_hash)s, %(courier_ref)s, %(now)s)
ON CONFLICT (auth_hash) DO NOTHING
