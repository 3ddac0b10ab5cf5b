-- view_order_waits: what an order waits for. in: base_id, ref. out: needed_kind, needed_ref
SELECT needed_kind, needed_ref FROM waiting_need WHERE base_id = %(base_id)s AND kind = 'order' AND ref = %(ref)s
