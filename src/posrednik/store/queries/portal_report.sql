-- portal_report: what the last check or set-up said. in: kind. out: at, who, lines (JSON text)
SELECT at, who, lines::text AS lines FROM portal_report WHERE kind = %(kind)s
