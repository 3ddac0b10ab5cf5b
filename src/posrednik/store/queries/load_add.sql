-- load_add: a new load of a base; its rows rank after those of the loads before it. in: base_id, who. out: id
-- No row if one is open already.
INSERT INTO load (base_id, state, asked_by, rows_read)
SELECT %(base_id)s, 'running', %(who)s, coalesce((SELECT max(rows_read) FROM load WHERE base_id = %(base_id)s), 0)
ON CONFLICT (base_id) WHERE state <> 'done' DO NOTHING RETURNING id
