-- warehouse_of_courier: a courier's own warehouse in 1C. in: base_id, courier_ref. out: ref
SELECT ref FROM mirror WHERE base_id = %(base_id)s AND kind = 'warehouse' AND data ->> 'courier' = %(courier_ref)s
    AND NOT deleted ORDER BY ref LIMIT 1
