-- phone_touch: a phone that sends. Its row stays locked until the commit, so that what it sends is taken one by one.
-- in: courier_ref, device, token_id, agent, app_version, unsent. out: whole_to, last_seq, clock_offset_ms (before this)
INSERT INTO device (courier_ref, device, token_id, agent, app_version, unsent)
VALUES (%(courier_ref)s, %(device)s, %(token_id)s, %(agent)s, %(app_version)s, %(unsent)s)
ON CONFLICT (courier_ref, device) DO UPDATE SET last_at = now(), token_id = excluded.token_id, agent = excluded.agent,
    app_version = excluded.app_version, unsent = coalesce(excluded.unsent, device.unsent)
RETURNING whole_to, last_seq, clock_offset_ms
