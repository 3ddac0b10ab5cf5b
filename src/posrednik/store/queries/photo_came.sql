-- photo_came: messages that wait for this picture go now. in: sha256, steps (what lanes of photos end with)
-- out: destination_id. Skips lanes that are being sent: they look for the picture anyway.
WITH l AS (
    SELECT l.id FROM step_photo p
    CROSS JOIN unnest(%(steps)s::text[]) AS s (step)
    JOIN destination d ON d.kind = 'bitrix24'
    JOIN lane l ON l.destination_id = d.id AND l.key = 'photos:' || p.delivery_id || ':' || s.step
    WHERE p.sha256 = %(sha256)s AND p.delivery_id IS NOT NULL AND l.state = 'ready' AND l.why = 'no_photo_yet'
    ORDER BY l.destination_id, l.key FOR UPDATE OF l SKIP LOCKED
)
UPDATE lane SET due_at = clock_timestamp() FROM l WHERE lane.id = l.id RETURNING lane.destination_id
