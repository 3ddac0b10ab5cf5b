-- courier_events_parked: steps of a phone that wait for earlier ones, in its order. in: courier_ref, device. out: id
SELECT id FROM courier_event WHERE courier_ref = %(courier_ref)s AND device = %(device)s AND state = 'parked' ORDER BY seq
