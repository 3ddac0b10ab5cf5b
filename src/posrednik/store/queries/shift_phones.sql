-- shift_phones: phones of these couriers that were seen since a moment. in: couriers, since
-- out: courier_ref, device, agent, whole_to, last_seq, unsent (null = not told), last_at
SELECT courier_ref, device, agent, whole_to, last_seq, unsent, last_at FROM device
WHERE courier_ref = ANY(%(couriers)b::text[]) AND last_at >= %(since)s ORDER BY courier_ref, last_at DESC
