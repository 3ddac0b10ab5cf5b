-- portal_duplicates_over: there is only one task of these again. in: delivery_ids. out: delivery_id
UPDATE portal_duplicate SET over_at = clock_timestamp()
WHERE delivery_id = ANY(%(delivery_ids)b::uuid[]) AND over_at IS NULL
RETURNING delivery_id
