-- lanes_lock_all: all lanes that one transaction is going to change, locked at once in the order of destination and key,
-- so that it never waits in a circle with who records outcomes. in: lane_ids, keys
SELECT id FROM lane WHERE id = ANY(%(lane_ids)b::bigint[]) OR id IN (
    SELECT l.id FROM destination d JOIN lane l ON l.destination_id = d.id AND l.key = ANY(%(keys)b::text[])
    WHERE d.kind = 'bitrix24')
ORDER BY destination_id, key FOR UPDATE
