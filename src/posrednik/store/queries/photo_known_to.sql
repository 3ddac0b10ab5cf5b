-- photo_known_to: whose the photos are that somebody sent. in: sha256s (array of bytes), owner
-- out: sha256 (hex), own (whether `owner` is one of those who sent it)
SELECT encode(sha256, 'hex') AS sha256, bool_or(owner = %(owner)s) AS own FROM photo_owner
WHERE sha256 = ANY (%(sha256s)b::bytea[]) GROUP BY sha256
