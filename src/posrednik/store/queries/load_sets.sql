-- load_sets: entity sets of a load in the order of reading. in: id. out: place, kind, state, total, done, bad, theirs, ours,
-- position, differing
SELECT place, kind, state, total, done, bad, theirs, ours, position, differing FROM load_set WHERE load_id = %(id)s ORDER BY place
