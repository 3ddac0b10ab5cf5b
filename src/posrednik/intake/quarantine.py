"""Reads again what could not be read when it came: the base may have been set right since, or our reader."""

from posrednik.connectors.onec.inbound import Inbound, Unreadable
from posrednik.intake.onec import arrived
from posrednik.store.db import Row
from posrednik.store.inbox import Base
from posrednik.usecases.replay_quarantine import Tried


def read_again(base: Base, row: Row) -> Tried:
    """row: of `mirror.in_quarantine`."""
    try:
        found = Inbound(base.time_zone).object(row.idx, bytes(row.body))
    except Unreadable as error:
        return Tried(row.id, row.kind, row.ref, None, error.code, error.what)
    return Tried(row.id, found.kind, found.ref, arrived(found, row.epoch_no, row.number))
