-- outgoing_hold: 1C asks to give this again later; only its lane waits. in: base_id, event_id, lease_s, code, why
UPDATE lane l SET due_at = clock_timestamp() + make_interval(secs => %(lease_s)s), why = %(code)s, why_text = %(why)s
FROM outgoing o
WHERE o.base_id = %(base_id)s AND o.event_id = %(event_id)s AND o.state = 'given' AND l.id = o.lane_id AND l.depth > 0
