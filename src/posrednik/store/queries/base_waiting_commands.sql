-- base_waiting_commands: commands that wait for their order, longest first. in: base_id, limit. out: id, type, order_ref,
-- received_at, issued_by
SELECT id, type, order_ref, received_at, issued_by FROM command WHERE base_id = %(base_id)s AND status = 'waiting'
ORDER BY received_at LIMIT %(limit)s
