-- photo_lock: until the commit nobody else decides on these photos: a photo that arrives and a step that names it do not
-- miss each other. In one order, so that two steps never cross. in: sha256s (array of bytes)
SELECT pg_advisory_xact_lock(named.key)
FROM (SELECT DISTINCT hashtextextended('photo ' || encode(u.sha256, 'hex'), 0) AS key
    FROM unnest(%(sha256s)b::bytea[]) AS u (sha256) ORDER BY key) AS named
