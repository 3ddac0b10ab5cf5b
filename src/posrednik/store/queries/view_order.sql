-- view_order: one order as it came. in: base_id, ref
-- out: number (of the message), received_at, data (text), delivery (text or null), delivery_changed_at
SELECT m.number, m.changed_at AS received_at, m.data::text AS data, d.doc::text AS delivery, d.changed_at AS delivery_changed_at
FROM (SELECT number, changed_at, data FROM mirror WHERE base_id = %(base_id)s AND kind = 'order' AND ref = %(ref)s
      UNION ALL
      SELECT number, since, data FROM waiting_object WHERE base_id = %(base_id)s AND kind = 'order' AND ref = %(ref)s
      LIMIT 1) m
LEFT JOIN delivery d ON d.base_id = %(base_id)s AND d.order_ref = %(ref)s::uuid
