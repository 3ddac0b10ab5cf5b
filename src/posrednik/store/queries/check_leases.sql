-- check_leases: must be true: no lease is over for minutes; else nobody rescues. out: subject, what
SELECT d.name || ' ' || l.key AS subject, 'lease over since ' || l.leased_until AS what
FROM lane l JOIN destination d ON d.id = l.destination_id
WHERE l.state = 'leased' AND l.leased_until < clock_timestamp() - interval '5 minutes' LIMIT 20
