-- photo_add: known ones stay as they are. in: sha256, bytes, width, height, brightness, phash (text of 64 digits), now
INSERT INTO photo (sha256, bytes, width, height, brightness, phash, received_at)
VALUES (%(sha256)s, %(bytes)s, %(width)s, %(height)s, %(brightness)s, %(phash)s::bit(64), %(now)s)
ON CONFLICT (sha256) DO NOTHING
