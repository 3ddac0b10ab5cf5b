-- events_known: which of these ids are here. in: ids. out: id
SELECT id FROM event WHERE id = ANY(%(ids)b::uuid[])
