-- reconciliation_sampled: these of the sample have come. in: run_id, keys (`kind:ref`), agreed (how many of them)
UPDATE reconciliation SET sample_checked = sample_checked + cardinality(%(keys)s::text[]),
    sample_agreed = sample_agreed + %(agreed)s,
    sample_left = ARRAY(SELECT k FROM unnest(sample_left) WITH ORDINALITY AS l (k, place) WHERE k <> ALL (%(keys)s::text[]) ORDER BY place)
WHERE id = %(run_id)s
