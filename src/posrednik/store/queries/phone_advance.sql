-- phone_advance: a number of a phone's sequence has come. in: courier_ref, device, seq, clock_offset_ms
-- `whole_to` moves over all numbers that are there by now; the caller bounds how far `seq` may be from it.
UPDATE device d SET last_seq = greatest(d.last_seq, %(seq)s), clock_offset_ms = %(clock_offset_ms)s,
    whole_to = coalesce((
        SELECT min(n) - 1 FROM generate_series(d.whole_to + 1, greatest(d.last_seq, %(seq)s) + 1) n
        WHERE NOT EXISTS (SELECT 1 FROM courier_event e
            WHERE e.courier_ref = d.courier_ref AND e.device = d.device AND e.seq = n)
    ), d.whole_to)
WHERE d.courier_ref = %(courier_ref)s AND d.device = %(device)s
