-- view_order_quarantine: why versions of an order could not be read. in: base_id, ref. out: code, message, received_at
SELECT code, message, received_at FROM quarantine
WHERE base_id = %(base_id)s AND kind = 'order' AND ref = %(ref)s AND cleared_at IS NULL ORDER BY id
