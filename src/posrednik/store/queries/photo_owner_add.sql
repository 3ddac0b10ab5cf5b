-- photo_owner_add: who sent it; once is enough. in: sha256, owner, now
INSERT INTO photo_owner (sha256, owner, received_at) VALUES (%(sha256)s, %(owner)s, %(now)s) ON CONFLICT DO NOTHING
