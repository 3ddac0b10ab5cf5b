-- device_enter: this phone has a new token. Its sequence of numbers goes on.
-- in: courier_ref, device, token_id, entry, agent. The caller has it locked (device_lock).
INSERT INTO device (courier_ref, device, token_id, entry, agent)
VALUES (%(courier_ref)s, %(device)s, %(token_id)s, %(entry)s, %(agent)s)
ON CONFLICT (courier_ref, device) DO UPDATE
    SET token_id = excluded.token_id, entry = excluded.entry, agent = excluded.agent, last_at = now()
