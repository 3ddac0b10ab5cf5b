-- view_figures: a few figures for the command line. out: deliveries, events, orders, quarantined
SELECT (SELECT count(*) FROM delivery WHERE on_board) AS deliveries, (SELECT count(*) FROM event) AS events,
    (SELECT count(*) FROM mirror WHERE kind = 'order') AS orders,
    (SELECT count(*) FROM quarantine WHERE cleared_at IS NULL) AS quarantined
