-- portal_projects: all projects of the portal that were read, by name. out: columns of portal_project
SELECT id, name, closed FROM portal_project ORDER BY closed, name, id
