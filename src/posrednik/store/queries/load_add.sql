-- load_add: a new load of a base; its rows rank after those of the loads before it. in: base_id, who. out: id
-- One that was stopped or failed is begun anew, its sets are dropped by the caller. No row if one is running.
INSERT INTO load AS l (base_id, state, asked_by, rows_read)
SELECT %(base_id)s, 'running', %(who)s, coalesce((SELECT max(rows_read) FROM load WHERE base_id = %(base_id)s), 0)
ON CONFLICT (base_id) WHERE state <> 'done' DO UPDATE SET state = 'running', asked_by = excluded.asked_by, started_at = now(),
    rate = 0, notes = '[]'
WHERE l.state IN ('stopped', 'failed') RETURNING id
