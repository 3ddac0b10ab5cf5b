-- gap_fill: a late message fills a number of a gap, which shrinks, splits or goes. in: base_id, epoch_no, number
-- out: first_number of that gap, no row if the number is in none; what is left below it the caller puts back
WITH hit AS (
    DELETE FROM base_gap WHERE base_id = %(base_id)s AND epoch_no = %(epoch_no)s
        AND %(number)s BETWEEN first_number AND last_number
    RETURNING first_number, last_number
), above AS (
    INSERT INTO base_gap SELECT %(base_id)s, %(epoch_no)s, %(number)s + 1, last_number FROM hit WHERE last_number > %(number)s
)
SELECT first_number FROM hit
