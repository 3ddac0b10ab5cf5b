"""What a decision did: the events of its transaction, what they posted and where their messages are."""

from collections.abc import Sequence

from posrednik.domain.incidents import Incident
from posrednik.store.db import Database, Row, Tx


async def of_incident(source: Database | Tx, incident: Incident) -> Sequence[Row]:
    """Of a decided one, columns of incident_effect; nothing while it is open."""
    read = source.fetch if isinstance(source, Tx) else source.read
    return await read("incident_effect", {"id": str(incident.id), "version": incident.version})
