-- parked_incident: these steps are told of by that incident. in: ids, incident_id
UPDATE courier_event SET incident_id = %(incident_id)s WHERE id = ANY(%(ids)s)
