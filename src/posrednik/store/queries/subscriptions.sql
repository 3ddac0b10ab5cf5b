-- subscriptions: all of them, without secrets. out: id, url, events, division_ref, state, why, made_at
SELECT s.id, s.url, s.events, s.division_ref, d.state, d.why, s.made_at
FROM subscription s JOIN destination d ON d.id = s.destination_id
WHERE d.state <> 'deleted' ORDER BY s.made_at
