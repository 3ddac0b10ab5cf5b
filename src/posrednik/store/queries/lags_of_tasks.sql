-- lags_of_tasks: from «Готов» of 1C to the task, of deliveries that just got theirs. in: lane_ids
-- out: subject, at, seconds, division_ref, base_id, order_ref
-- It begins with the first arrival of the command that made or reopened the delivery; where the division was switched on
-- or the delivery joined the pilot later than that, with this: before nobody wanted a task. Trial orders do not count.
SELECT v.id AS subject, clock_timestamp() AS at, v.division_ref, v.base_id, v.order_ref,
    greatest(0, extract(epoch FROM clock_timestamp() - greatest(c.at, p.since, s.mode_at)))::float8 AS seconds
FROM lane l
JOIN destination d ON d.id = l.destination_id AND d.kind = 'bitrix24'
JOIN delivery v ON v.id = CASE WHEN l.key ~ '^delivery:[0-9a-f-]{36}$' THEN substr(l.key, 10)::uuid END AND NOT v.trial
CROSS JOIN LATERAL (
    SELECT max(received_at) AS at FROM command
    WHERE base_id = v.base_id AND order_ref = v.order_ref AND type = 'delivery.ready' AND status = 'done'
        AND NOT coalesce((result ->> 'already')::boolean, false)
) c
LEFT JOIN pilot_delivery p ON p.delivery_id = v.id AND p.since > v.made_at
LEFT JOIN division_setting s ON s.division_ref = v.division_ref AND s.mode_at > v.made_at
WHERE l.id = ANY(%(lane_ids)b::bigint[]) AND c.at IS NOT NULL
