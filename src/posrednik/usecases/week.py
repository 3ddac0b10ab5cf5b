"""The weekly status by facts: collected, and put into a chat of Bitrix24 through its lane."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from posrednik.domain.errors import DomainError
from posrednik.domain.week import Counts, Stands, Switch, Week, chat_text, lines_of
from posrednik.kit.ids import uuid7
from posrednik.store import journal, pilot
from posrednik.store.db import Database, Row, Tx
from posrednik.store.journal import Entry
from posrednik.usecases.division_settings import Divisions, LiveRules, known
from posrednik.usecases.pilot import gates_of
from posrednik.usecases.shadow import Period

DAYS = 7


class NoStatusChat(DomainError):
    """No chat is set, or there is no portal."""

    code = "no_status_chat"


async def week(
    source: Tx | Database, live: LiveRules, *, ref: str | None, mine: Collection[str] | None, last: date, zone: ZoneInfo
) -> Week:
    """The seven days up to `last`. ref: one division, None = all of `mine` (None = all there are)."""
    divisions = await known(source, live, mine)
    refs = [ref] if ref else None if mine is None else sorted(mine)
    first = last - timedelta(days=DAYS - 1)
    period = Period.of(first, last, zone)
    figures = await pilot.week_figures(source, first, last, first - timedelta(days=DAYS), refs)
    counts = await pilot.week_counts(source, period.since, period.until, refs)
    switched = await pilot.week_switches(source, period.since, period.until, refs)
    return Week(
        divisions.names.get(ref, ref) if ref else None, first, last, lines_of(figures, Counts(*counts)),
        [await _stands(source, divisions, one) for one in divisions.refs if ref in (None, one)],
        [_switch(row, divisions, zone) for row in switched],
    )  # fmt: skip


async def _stands(source: Tx | Database, divisions: Divisions, ref: str) -> Stands:
    gates = await gates_of(source, ref)
    known = any(gate.fine is not None for gate in gates)
    red = len({gate.day for gate in gates if gate.fine is False}) if known else None
    return Stands(divisions.names.get(ref, ref), divisions.mode(ref), red)


def _switch(row: Row, divisions: Divisions, zone: ZoneInfo) -> Switch:
    name = divisions.names.get(row.division_ref, row.division_ref)
    return Switch(name, row.at.astimezone(zone), row.who, row.reason, row.before, row.after)


async def send(tx: Tx, told: Week, dialog: str, key: str, who: str) -> UUID:
    """Into the chat `dialog`, by the lane `status:<key>`. Returns the message's id. Raises NoStatusChat."""
    message_id = uuid7()
    if not dialog or not await pilot.say(tx, key, message_id, dialog, chat_text(told)):
        raise NoStatusChat
    summary = f"недельный статус отправлен в чат {dialog} ({who})"
    await journal.add(tx, [Entry("action", "office", "done", summary, "week", event_id=message_id)])
    return message_id


def red_keys(told: Week) -> Sequence[str]:
    """What needs attention, for the command line."""
    return [line.key for line in told.red]
