-- prune_commands: forget comparisons that were answered long ago; what a command did to deliveries and backpacks is kept.
-- in: keep_days, limit. The condition on `type` is that of the index command_that_compares.
DELETE FROM command WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM command WHERE type NOT LIKE 'delivery.%%' AND type NOT LIKE 'backpack.%%' AND status <> 'waiting'
        AND received_at < now() - make_interval(days => %(keep_days)s) LIMIT %(limit)s))
