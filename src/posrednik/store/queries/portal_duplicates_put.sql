-- portal_duplicates_put: deliveries with several tasks. in: arrays delivery_ids, task_ids (JSON text of a list each)
-- out: delivery_id of those that are news: found for the first time, again, or with one more
WITH before AS (SELECT delivery_id, task_ids, over_at FROM portal_duplicate WHERE delivery_id = ANY(%(delivery_ids)b::uuid[])
), put AS (
    INSERT INTO portal_duplicate AS d (delivery_id, task_ids)
    SELECT u.id, ARRAY(SELECT jsonb_array_elements_text(u.tasks::jsonb)::bigint ORDER BY 1)
    FROM unnest(%(delivery_ids)b::uuid[], %(task_ids)b::text[]) AS u (id, tasks) ORDER BY u.id
    ON CONFLICT (delivery_id) DO UPDATE SET task_ids = excluded.task_ids, seen_at = clock_timestamp(), over_at = NULL,
        found_at = CASE WHEN d.over_at IS NULL THEN d.found_at ELSE clock_timestamp() END
    RETURNING d.delivery_id, d.task_ids
)
SELECT p.delivery_id FROM put p LEFT JOIN before b ON b.delivery_id = p.delivery_id
WHERE b.delivery_id IS NULL OR b.over_at IS NOT NULL OR NOT b.task_ids @> p.task_ids
