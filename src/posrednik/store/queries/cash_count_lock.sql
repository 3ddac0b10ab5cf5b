-- cash_count_lock: one blind count, locked. in: id. out: id, courier_ref, counted_kop, declared_kop, receiver, state, made_at
SELECT id, courier_ref, counted_kop, declared_kop, receiver, state, made_at FROM cash_count WHERE id = %(id)s FOR UPDATE
