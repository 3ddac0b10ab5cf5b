-- prune_lags: of days that are over for %(keep_days)s days keep the 20 worst of each name and division. in: keep_days, limit
-- Looks at three days only: older ones were looked at when it was their turn.
DELETE FROM lag WHERE ctid = ANY(ARRAY(
    SELECT id FROM (
        SELECT ctid AS id, row_number() OVER (PARTITION BY name, day, division_ref ORDER BY seconds DESC) AS place
        FROM lag WHERE day BETWEEN current_date - %(keep_days)s::int - 2 AND current_date - %(keep_days)s::int
    ) ranked WHERE place > 20 LIMIT %(limit)s))
