-- alarm_portal: how the portal lets us in and what it tells
-- out: destination_id, stopped_at, code, why (of the portal as a whole), state, broken, refreshed_at (of our application
-- there), user_id, scope, installed_at, last_event_at, forged (since ever), changed_at (the last change of a task that was seen)
SELECT d.id AS destination_id, h.stopped_at, coalesce(h.code, '') AS code, coalesce(h.why, '') AS why,
    coalesce(i.state, '') AS state, coalesce(i.code, '') AS broken, i.refreshed_at, i.user_id, i.scope, i.installed_at,
    w.last_event_at, w.forged,
    (SELECT max(changed_at) FROM portal_task) AS changed_at
FROM destination d CROSS JOIN portal_watch w
LEFT JOIN portal_health h ON h.destination_id = d.id
LEFT JOIN LATERAL (SELECT * FROM portal_install ORDER BY installed_at DESC LIMIT 1) i ON true
WHERE d.kind = 'bitrix24' AND d.state <> 'deleted' ORDER BY d.id LIMIT 1
