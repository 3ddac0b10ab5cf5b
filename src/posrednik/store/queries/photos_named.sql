-- photos_named: pictures that couriers' steps name and that are not known, oldest step first. out: sha256 (hex), courier_ref
SELECT encode(s.sha256, 'hex') AS sha256, min(s.courier_ref) AS courier_ref FROM step_photo s
WHERE s.courier_ref IS NOT NULL AND NOT EXISTS (SELECT 1 FROM photo p WHERE p.sha256 = s.sha256)
GROUP BY s.sha256 ORDER BY min(s.at)
