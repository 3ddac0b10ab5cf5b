-- prune_portal_tasks: forget how tasks were seen whose deliveries are over. in: keep_days, limit
DELETE FROM portal_task WHERE task_id IN (
    SELECT p.task_id FROM portal_task p LEFT JOIN delivery v ON v.id = p.delivery_id
    WHERE p.seen_at < clock_timestamp() - make_interval(days => %(keep_days)s)
        AND (v.id IS NULL OR NOT v.on_board OR v.stage IN ('settled', 'returned', 'cancelled'))
    LIMIT %(limit)s)
