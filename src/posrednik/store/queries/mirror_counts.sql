-- mirror_counts: objects of all bases by kind. out: base_id, kind, present, deleted, changed_at (the last change)
-- Reads the whole mirror: asked for seldom, and never twice at once (usecases/count_objects.py).
SELECT base_id, kind, count(*) FILTER (WHERE NOT deleted) AS present, count(*) FILTER (WHERE deleted) AS deleted,
    max(changed_at) AS changed_at
FROM mirror GROUP BY base_id, kind
