-- portal_projects_put: the projects as they were read, and no others. in: projects (JSON list of the columns)
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%(projects)s::jsonb) AS g(id bigint, name text, closed boolean)
), gone AS (
    DELETE FROM portal_project WHERE id NOT IN (SELECT id FROM given)
)
INSERT INTO portal_project AS p SELECT * FROM given
ON CONFLICT (id) DO UPDATE SET name = excluded.name, closed = excluded.closed
WHERE (p.name, p.closed) IS DISTINCT FROM (excluded.name, excluded.closed)
