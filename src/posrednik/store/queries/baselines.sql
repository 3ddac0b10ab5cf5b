-- baselines: all, newest first of each division. in: divisions (NULL = all), division (NULL = any)
-- out: the columns of baseline, valid (nothing supersedes it)
SELECT b.*, NOT EXISTS (SELECT 1 FROM baseline x WHERE x.division_ref = b.division_ref AND x.id > b.id) AS valid
FROM baseline b
WHERE (%(divisions)b::text[] IS NULL OR division_ref = ANY(%(divisions)b::text[]))
    AND (%(division)s::text IS NULL OR division_ref = %(division)s::text)
ORDER BY division_ref, id DESC
