-- lag_histograms: lags by day, group and bucket. in: first, last (days), divisions (NULL = all), division (NULL =
-- any), names. out: name, day, grp, bucket, n. What is of no division is everybody's.
SELECT name, day, grp, bucket::int AS bucket, sum(n)::bigint AS n FROM lag_day
WHERE name = ANY(%(names)b::text[]) AND day BETWEEN %(first)s AND %(last)s
    AND (division_ref = '' OR (%(divisions)b::text[] IS NULL OR division_ref = ANY(%(divisions)b::text[]))
        AND (%(division)s::text IS NULL OR division_ref = %(division)s::text))
GROUP BY name, day, grp, bucket
