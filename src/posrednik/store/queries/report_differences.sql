-- report_differences: couriers about whose cash a difference is undecided. in: divisions (NULL = all), division, courier
-- (NULL = any). out: courier_ref, division_ref
SELECT DISTINCT ON (courier_ref) courier_ref, division_ref FROM incident
WHERE state = 'open' AND kind = 'cash_difference' AND courier_ref IS NOT NULL
    AND (%(divisions)b::text[] IS NULL OR division_ref = ANY(%(divisions)b::text[]))
    AND (%(division)s::text IS NULL OR division_ref = %(division)s::text)
    AND (%(courier)s::text IS NULL OR courier_ref = %(courier)s::text)
ORDER BY courier_ref, raised_at DESC
