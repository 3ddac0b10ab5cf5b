-- hand_in_request_put: what a courier wants to hand in. in: courier_ref, sum_kop, code, asked_at
INSERT INTO hand_in_request (courier_ref, sum_kop, code, asked_at) VALUES (%(courier_ref)s, %(sum_kop)s, %(code)s, %(asked_at)s)
ON CONFLICT (courier_ref) DO UPDATE SET sum_kop = excluded.sum_kop, code = excluded.code, asked_at = excluded.asked_at
