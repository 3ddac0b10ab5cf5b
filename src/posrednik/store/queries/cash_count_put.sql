-- cash_count_put: a blind count, or what became of it. in: id, courier_ref, counted_kop, declared_kop, receiver, state
INSERT INTO cash_count (id, courier_ref, counted_kop, declared_kop, receiver, state)
VALUES (%(id)s, %(courier_ref)s, %(counted_kop)s, %(declared_kop)s, %(receiver)s, %(state)s)
ON CONFLICT (id) DO UPDATE SET state = excluded.state
