-- portal_written_of_base: what stands in the tasks of a base's deliveries is not known any more. in: base_id
UPDATE remote_object r SET written = NULL FROM lane l, destination d, delivery v
WHERE l.id = r.lane_id AND d.id = l.destination_id AND d.kind = 'bitrix24' AND l.key = 'delivery:' || v.id
    AND v.base_id = %(base_id)s AND r.written IS NOT NULL AND NOT coalesce((r.written ->> 'left')::boolean, false)
