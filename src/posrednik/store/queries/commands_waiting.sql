-- commands_waiting: commands that waited for these orders, in rank order. in: base_id, order_refs
-- out: id, type, content_hash, order_ref, data (text), issued_at, issued_by, epoch_no, number, idx
SELECT id, type, content_hash, order_ref, data::text AS data, issued_at, issued_by, epoch_no, number, idx FROM command
WHERE base_id = %(base_id)s AND order_ref = ANY(%(order_refs)b::uuid[]) AND status = 'waiting'
ORDER BY epoch_no, number, idx
