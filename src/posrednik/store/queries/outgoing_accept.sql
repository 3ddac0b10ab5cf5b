-- outgoing_accept: 1C has applied these; a late word counts too. in: base_id, event_ids
-- A lane goes on at once when nothing that was given of it is open any more.
WITH told AS (
    UPDATE outgoing SET state = 'accepted', answered_at = clock_timestamp()
    WHERE base_id = %(base_id)s AND event_id = ANY(%(event_ids)b::uuid[]) AND state <> 'accepted'
    RETURNING lane_id, seq
), locked AS (
    SELECT l.id FROM lane l WHERE l.id IN (SELECT lane_id FROM told) ORDER BY l.key FOR UPDATE
), gone AS (
    DELETE FROM message m USING told t, locked k WHERE m.lane_id = t.lane_id AND m.seq = t.seq AND k.id = m.lane_id
    RETURNING m.lane_id, m.seq, m.dead_at IS NULL AS counted
), lanes AS (
    SELECT lane_id, count(*) FILTER (WHERE counted)::int AS n FROM gone GROUP BY lane_id
)
UPDATE lane l SET depth = l.depth - a.n,
    state = CASE WHEN l.depth - a.n = 0 THEN 'idle' ELSE l.state END, attempt = 0,
    why = CASE WHEN r.open THEN l.why ELSE '' END, why_text = CASE WHEN r.open THEN l.why_text ELSE '' END,
    due_at = CASE WHEN r.open THEN l.due_at ELSE clock_timestamp() END
FROM lanes a CROSS JOIN LATERAL (
    SELECT EXISTS (SELECT 1 FROM message m JOIN lane x ON x.id = m.lane_id
        WHERE m.lane_id = a.lane_id AND m.dead_at IS NULL AND m.seq <= x.sending_upto
            AND NOT EXISTS (SELECT 1 FROM gone g WHERE g.lane_id = m.lane_id AND g.seq = m.seq)) AS open) r
WHERE l.id = a.lane_id
