-- pilot_bases: the bases that know a division. in: ref. out: name, age_s (since the last message, null = none), token
SELECT b.name, extract(epoch FROM clock_timestamp() - i.received_at)::float8 AS age_s,
    EXISTS (SELECT 1 FROM token t WHERE t.kind = 'base' AND t.owner = b.id::text AND t.revoked_at IS NULL
        AND (t.expires_at IS NULL OR t.expires_at > now())) AS token
FROM base b
JOIN mirror m ON m.base_id = b.id AND m.kind = 'division' AND m.ref = %(ref)s
LEFT JOIN LATERAL (
    SELECT received_at FROM inbox WHERE base_id = b.id AND epoch_no = b.epoch_no ORDER BY number DESC LIMIT 1) i ON true
ORDER BY b.name
