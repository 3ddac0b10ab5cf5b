-- photo_facts: what is known of those that have arrived. in: sha256s (array of bytes)
-- out: sha256 (hex), brightness (0 to 1), phash (text of 64 digits)
SELECT encode(sha256, 'hex') AS sha256, brightness, phash::text AS phash FROM photo
WHERE sha256 = ANY (%(sha256s)b::bytea[]) ORDER BY sha256
