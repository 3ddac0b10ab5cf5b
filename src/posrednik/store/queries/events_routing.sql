-- events_routing: where events can go and by which modes, in one round trip. in: divisions (sorted), deliveries (ids)
-- out: modes (JSON text: divisions → mode, couriers; members: those of the deliveries that are in a pilot), and of each
-- destination id, name, kind, events (patterns; null = all), division_ref; one row with id NULL where there is none
-- A disabled destination still gets its messages: nothing is lost while somebody repairs it.
-- Locks the divisions' modes, shared, until the commit (division_modes in schema_division.sql).
WITH m AS MATERIALIZED (SELECT division_modes(%(divisions)s::text[], %(deliveries)b::uuid[])::text AS modes)
SELECT m.modes, d.id, d.name, d.kind, s.events, s.division_ref
FROM m LEFT JOIN destination d ON d.state <> 'deleted' LEFT JOIN subscription s ON s.destination_id = d.id
