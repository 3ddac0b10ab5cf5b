-- destinations_due: every destination that is pushed to, and whether a worker should look at it now.
-- out: id, name, kind, state, revision (of its settings), breaker, probe_due, due (has a ready lane), next_s (seconds until the next lane is due, or null)
-- One index probe a destination and priority, whatever the backlog.
SELECT d.id, d.name, d.kind, d.state, d.revision, d.breaker,
    d.breaker <> 'closed' AND d.breaker_until <= clock_timestamp() AS probe_due,
    coalesce(n.at <= clock_timestamp(), false) AS due,
    extract(epoch FROM n.at - clock_timestamp())::float8 AS next_s
FROM destination d CROSS JOIN LATERAL (
    SELECT least(
        (SELECT due_at FROM lane WHERE destination_id = d.id AND state = 'ready' AND NOT held AND priority = 0 ORDER BY due_at LIMIT 1),
        (SELECT due_at FROM lane WHERE destination_id = d.id AND state = 'ready' AND NOT held AND priority = 1 ORDER BY due_at LIMIT 1)
    ) AS at
) n
WHERE d.state <> 'deleted' AND NOT (d.kind = 'onec')
