-- waiting_any: does anything of this base wait for others? in: base_id. out: a row if so
SELECT 1 AS one FROM waiting_need WHERE base_id = %(base_id)s LIMIT 1
