-- photo_get: a photo that is kept. in: sha256. out: bytes, width, height
SELECT bytes, width, height FROM photo WHERE sha256 = %(sha256)s
