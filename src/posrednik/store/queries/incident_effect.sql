-- incident_effect: events of the transaction in which an incident was decided, but for those of incidents.
-- in: id (text), version (of the decision). out: id, type, subject_kind, subject_id, order_number; JSON texts:
-- money [{source, target, sum_kop}], goods [{source, target, quantity_milli, name}],
-- lanes [{name, kind, url, waits, why_text}] of its subject; waits: its own message is there yet
-- The events of one commit are neighbours, since they are written by one statement, and have one recorded_at.
WITH d AS (
    SELECT pos, recorded_at FROM event
    WHERE subject_kind = 'incident' AND subject_id = %(id)s AND version = %(version)s AND type = 'incident.decided'
), e AS (
    SELECT e.* FROM d JOIN event e ON e.pos BETWEEN d.pos - 200 AND d.pos + 200 AND e.recorded_at = d.recorded_at
    WHERE e.subject_kind <> 'incident'
)
SELECT e.id, e.type, e.subject_kind, e.subject_id, e.data #>> '{delivery,order,number}' AS order_number,
    (SELECT coalesce(json_agg(json_build_object('source', p.source, 'target', p.target, 'sum_kop', p.sum_kop)
        ORDER BY p.n), '[]')::text FROM money_posting p WHERE p.event_id = e.id) AS money,
    (SELECT coalesce(json_agg(json_build_object('source', p.source, 'target', p.target,
            'quantity_milli', p.quantity_milli, 'name', coalesce(o.data ->> 'name', p.product)) ORDER BY p.n), '[]')::text
        FROM goods_posting p
        LEFT JOIN mirror o ON o.base_id = e.base_id AND o.kind = 'product' AND o.ref = p.product
        WHERE p.event_id = e.id) AS goods,
    (SELECT coalesce(json_agg(json_build_object('name', x.name, 'kind', x.kind, 'url', s.url,
            'waits', m.seq IS NOT NULL, 'why_text', w.why_text) ORDER BY x.id), '[]')::text
        FROM destination x JOIN lane l ON l.destination_id = x.id AND l.key = e.subject_kind || ':' || e.subject_id
        LEFT JOIN subscription s ON s.destination_id = x.id
        LEFT JOIN message m ON m.lane_id = l.id AND m.event_id = e.id
        LEFT JOIN lane_wait w ON w.lane_id = l.id
        WHERE x.state <> 'deleted') AS lanes
FROM e ORDER BY e.pos
