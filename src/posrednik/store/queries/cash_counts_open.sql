-- cash_counts_open: counts that need a reason and a second name, the oldest first
-- out: id, courier_ref, counted_kop, declared_kop, receiver, made_at
SELECT id, courier_ref, counted_kop, declared_kop, receiver, made_at FROM cash_count WHERE state = 'open' ORDER BY made_at
