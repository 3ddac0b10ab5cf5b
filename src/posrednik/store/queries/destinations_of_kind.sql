-- destinations_of_kind: in: kind. out: id, name, state, breaker
SELECT id, name, state, breaker FROM destination WHERE kind = %(kind)s AND state <> 'deleted' ORDER BY id
