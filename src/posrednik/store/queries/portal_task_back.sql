-- portal_task_back: it was put back once more. in: task_id, within_s: after so long it is counted anew
UPDATE portal_task SET
    backs = CASE WHEN backs_since > clock_timestamp() - make_interval(secs => %(within_s)s) THEN backs + 1 ELSE 1 END,
    backs_since = CASE WHEN backs_since > clock_timestamp() - make_interval(secs => %(within_s)s) THEN backs_since
                       ELSE clock_timestamp() END
WHERE task_id = %(task_id)s
