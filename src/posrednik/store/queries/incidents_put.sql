-- incidents_put: incidents with news, or decided; their rows are locked before. in: arrays ids, last_ats, versions,
-- states, docs (JSON text)
UPDATE incident i SET last_at = u.last_at, version = u.version, state = u.state, doc = u.doc::jsonb
FROM unnest(%(ids)b::uuid[], %(last_ats)b::timestamptz[], %(versions)b::bigint[], %(states)b::text[], %(docs)b::text[])
    AS u (id, last_at, version, state, doc)
WHERE i.id = u.id
