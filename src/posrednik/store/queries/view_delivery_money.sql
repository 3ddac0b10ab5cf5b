-- view_delivery_money: postings of money of a delivery, in the order they were made. in: delivery_id (text)
-- out: at, source, target, sum_kop, why, courier_ref
SELECT at, source, target, sum_kop, why, courier_ref FROM money_posting
WHERE subject_kind = 'delivery' AND subject_id = %(delivery_id)s ORDER BY id LIMIT 200
