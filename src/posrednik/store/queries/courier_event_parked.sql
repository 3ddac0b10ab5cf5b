-- courier_event_parked: a step if it is still parked, locked. in: id. out: body (JSON text)
SELECT body::text AS body FROM courier_event WHERE id = %(id)s AND state = 'parked' FOR UPDATE
