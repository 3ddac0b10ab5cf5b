-- hand_in_requests: who wants to hand in; courier_ref null = all. out: courier_ref, sum_kop, code, asked_at
SELECT courier_ref, sum_kop, code, asked_at FROM hand_in_request
WHERE %(courier_ref)s::text IS NULL OR courier_ref = %(courier_ref)s ORDER BY asked_at
