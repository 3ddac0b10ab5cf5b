-- figures_last: the place of the last event, 0 = none. out: pos
SELECT coalesce(max(pos), 0) AS pos FROM event
