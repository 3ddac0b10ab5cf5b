-- alarm_bases: bases that have called: when last, and their longest pause of late. out: id, name, at, since, pause_s
SELECT b.id, b.name, h.at, h.since, h.pause_s FROM base b JOIN base_heard h ON h.base_id = b.id WHERE b.epoch IS NOT NULL
ORDER BY b.name
