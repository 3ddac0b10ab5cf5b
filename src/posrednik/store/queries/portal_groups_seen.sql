-- portal_groups_seen: projects in which tasks of open deliveries were seen. out: group_id
SELECT DISTINCT p.group_id FROM portal_task p JOIN delivery v ON v.id = p.delivery_id
WHERE p.group_id > 0 AND p.gone_at IS NULL AND v.on_board AND v.stage NOT IN ('settled', 'returned', 'cancelled')
