-- reconciliation_ask_sample: what a run asks for object by object. in: run_id, keys (`kind:ref`)
UPDATE reconciliation SET sample_size = cardinality(%(keys)s::text[]), sample_left = %(keys)s::text[] WHERE id = %(run_id)s
