-- report_divisions: divisions as 1C calls them. out: ref, name
SELECT DISTINCT ON (m.ref) m.ref, m.data ->> 'name' AS name
FROM base b JOIN mirror m ON m.base_id = b.id AND m.kind = 'division' WHERE m.data ->> 'name' IS NOT NULL
ORDER BY m.ref, m.changed_at DESC
