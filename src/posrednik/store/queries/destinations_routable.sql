-- destinations_routable: where events can go. out: id, name, kind, events (patterns; null = all), division_ref
-- A disabled destination still gets its messages: nothing is lost while somebody repairs it.
SELECT d.id, d.name, d.kind, s.events, s.division_ref
FROM destination d LEFT JOIN subscription s ON s.destination_id = d.id
WHERE d.state <> 'deleted'
