-- device_list: phones of couriers, and tokens that no phone has shown yet; last seen first.
-- in: courier_ref (NULL = all), keep_days. A phone that may not enter any more and has nothing unsent is forgotten.
-- out: courier_ref, device, label, entry, agent, app_version, unsent, last_seq, missing (numbers that have not come),
-- first_at, last_at, token_id, expires_at, revoked
SELECT coalesce(d.courier_ref, t.owner) AS courier_ref, coalesce(d.device, '') AS device, coalesce(t.name, '') AS label,
    coalesce(d.entry, 'token') AS entry, coalesce(d.agent, '') AS agent, coalesce(d.app_version, '') AS app_version,
    d.unsent, coalesce(d.last_seq, 0) AS last_seq,
    coalesce(d.last_seq - d.whole_to - (SELECT count(*) FROM courier_event e
        WHERE e.courier_ref = d.courier_ref AND e.device = d.device AND e.seq > d.whole_to), 0) AS missing,
    coalesce(d.first_at, t.created_at) AS first_at, coalesce(d.last_at, t.created_at) AS last_at,
    t.id AS token_id, t.expires_at, t.revoked_at IS NOT NULL AS revoked
FROM device d FULL JOIN (SELECT * FROM token WHERE kind = 'device') t ON t.id = d.token_id
WHERE (%(courier_ref)s::text IS NULL OR coalesce(d.courier_ref, t.owner) = %(courier_ref)s::text)
    AND CASE WHEN t.revoked_at IS NULL AND coalesce(t.expires_at > now(), t.id IS NOT NULL) THEN true
        ELSE d.unsent > 0 OR d.last_at > now() - make_interval(days => %(keep_days)s) END
ORDER BY last_at DESC
