"""What a worker process runs, built: dispatch, pushes, loads, maintenance."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from posrednik import bootstrap_portal
from posrednik.bootstrap import rules_of
from posrednik.checks.figures import check_figures
from posrednik.checks.housekeeper import Duty, Housekeeper
from posrednik.config import ConfigError, OData, Settings
from posrednik.connectors.odata.client import ODataClient, Sleep
from posrednik.connectors.odata.profile import Names, ProfileError, load_profile
from posrednik.connectors.odata.reader import Reader
from posrednik.connectors.onec import outbound
from posrednik.connectors.onec.push import Push, Unsaid
from posrednik.connectors.site.client import SiteConnector, retry_schedule
from posrednik.dispatch.dispatcher import Tuning
from posrednik.dispatch.worker import Served, Worker
from posrednik.division_file import DivisionFile
from posrednik.domain.loads import NoOData
from posrednik.intake.odata import ODataSource, read_before
from posrednik.intake.readers import Readers
from posrednik.kit.http import Sessions
from posrednik.kit.log import get_logger
from posrednik.store import destinations
from posrednik.store.board import fill
from posrednik.store.db import Database, Row
from posrednik.usecases.compare_backpacks import compare_backpacks
from posrednik.usecases.division_settings import LiveRules
from posrednik.usecases.end_doubt import end_doubts
from posrednik.usecases.first_load import FirstLoad
from posrednik.usecases.give_outgoing import Answered, Given
from posrednik.usecases.give_up_parked import give_up_parked
from posrednik.usecases.manage_loads import Loader
from posrednik.usecases.push_outgoing import Pusher, Told, Trouble
from posrednik.usecases.reconcile_runs import Nightly, keep, note_repairs
from posrednik.usecases.watch_alarms import WatchAlarms

log = get_logger("bootstrap")
SITE_TIMEOUT_S = 20.0
DOUBTS_S = 300.0  # it reads all objects of the base, and a doubt may last for months


def worker(settings: Settings, db: Database, sessions: Sessions) -> Worker:
    """The dispatch worker of this process; the caller opens `db`, starts and stops it, and closes `sessions`."""
    limits_s = {"bitrix24": settings.bitrix24.time_limit_s + 1, "site": 0.0}
    return Worker(
        db, _serve(settings, db, sessions), limits_s, poll_s=settings.dispatch.poll_s,
        beat_s=settings.dispatch.heartbeat_s,
        notify=settings.dispatch.notify,
    )  # fmt: skip


def housekeeper(settings: Settings, db: Database, sessions: Sessions, worker: Worker) -> Housekeeper:
    """Maintenance beside a worker; one of all workers does it at a time."""
    rules = rules_of(settings)
    live = LiveRules(db, DivisionFile(settings), rules)

    async def parked() -> None:
        await give_up_parked(db, datetime.now(UTC))

    async def backpacks() -> None:
        await live.refresh()
        await compare_backpacks(db, rules, datetime.now(UTC))

    async def fill_board() -> None:
        while await fill(db, 500):
            pass

    async def figures_agree() -> None:
        await check_figures(db, datetime.now(UTC))

    r = settings.reconciliation
    nightly = Nightly(r.enabled, r.start_s, r.sample, r.hours)

    async def reconcile() -> None:
        await keep(db, nightly, datetime.now(UTC))

    async def doubts() -> None:
        await end_doubts(db)

    async def repaired() -> None:
        await note_repairs(db)

    folder = None if settings.photos.url else Path(settings.server.data_dir).resolve() / "photos"
    watch = WatchAlarms(db, folder, bootstrap_portal.chest_of(settings))

    async def alarms() -> None:
        await watch.look(datetime.now(UTC))

    duties = [
        Duty("parked", 60, parked), Duty("backpacks", 3600, backpacks), Duty("figures", 3600, figures_agree),
        Duty("board", 60, fill_board), Duty("reconciliation", 60, reconcile),
        Duty("doubts", DOUBTS_S, doubts), Duty("repairs", 600, repaired), Duty("alarms", 60, alarms),
        *bootstrap_portal.duties(settings, db, sessions),
    ]  # fmt: skip
    return Housekeeper(db, worker.id, more=duties)


def pushers(settings: Settings, db: Database, sessions: Sessions) -> list[Pusher]:
    """One for each base that is pushed to; any number of workers may run them side by side."""
    return [
        Pusher(
            db,
            base.id,
            _push_to(Push(base.push_url, base.id, base.token, base.encoding, sessions.get(public_only=False))),
        )
        for base in settings.bases
        if base.mode == "push"
    ]


def first_load(
    settings: Settings, db: Database, sessions: Sessions, base_id: UUID, sleep: Sleep = asyncio.sleep
) -> FirstLoad:
    """A reader of one base by OData; one for one run. sleep: between tries. Raises NoOData, ConfigError."""
    base = next((one for one in settings.bases if one.id == base_id), None)
    if base is None or base.odata is None:
        raise NoOData
    o = base.odata
    names = _names_of(base.odata)
    client = ODataClient(o.url, o.user, o.password, sessions.get(public_only=False), parallel=o.parallel, sleep=sleep)
    reader = Reader(client, names, read_before(db, base_id, names))
    rules, source = rules_of(settings), ODataSource(reader, Readers(db).of(base_id))
    live = LiveRules(db, DivisionFile(settings), rules)
    return FirstLoad(db, base_id, source, rules, page=o.page, refresh=live.refresh)


def _names_of(odata: OData) -> list[Names]:
    try:
        return load_profile(
            odata.profile, sets=odata.sets, fields=odata.fields, fixed=odata.fixed, values=odata.values,
            refs=odata.refs, registers=odata.registers,
        )  # fmt: skip
    except ProfileError as error:
        raise ConfigError(f"bases.odata: {error}") from error


def loader(settings: Settings, db: Database, sessions: Sessions) -> Loader:
    """Reads the loads that people began; any number of workers may have one side by side. Raises ConfigError."""
    bases = [base.id for base in settings.bases if base.odata is not None and _names_of(base.odata)]
    return Loader(db, bases, lambda base_id: first_load(settings, db, sessions, base_id))


def _push_to(push: Push) -> Callable[[Given], Awaitable[Told]]:
    async def send(given: Given) -> Told:
        said = await push.send(outbound.batch(given.batch, given.events))
        if isinstance(said, Unsaid):
            return Told(trouble=Trouble(said.code, said.why, said.refused, said.after_s))
        rejected = [Answered(r.id, r.code or "", r.message or "", bool(r.retry)) for r in said.rejected]
        return Told(said.accepted, rejected)

    return send


def _serve(settings: Settings, db: Database, sessions: Sessions) -> Callable[[Row], Awaitable[Served | None]]:
    async def serve(row: Row) -> Served | None:
        match row.kind:
            case "bitrix24":
                return await _bitrix24(settings, db, sessions, row.id)
            case "site":
                return await _site(settings, db, sessions, row.id)
            case _:
                return None

    return serve


async def _bitrix24(settings: Settings, db: Database, sessions: Sessions, destination_id: int) -> Served | None:
    served = await bootstrap_portal.served(settings, db, sessions, destination_id)
    if served is None:
        log.warning("bitrix24.not_configured")
    return served


async def _site(settings: Settings, db: Database, sessions: Sessions, destination_id: int) -> Served | None:
    row = await destinations.subscription_of(db, destination_id)
    if row is None:
        return None
    allow = settings.webhooks.allow_private
    secrets = [secret for secret in (row.secret, row.old_secret) if secret]
    session = sessions.get(public_only=not allow)
    connector = SiteConnector(row.url, secrets, allow, session, timeout_s=SITE_TIMEOUT_S)
    return Served(connector, None, Tuning(runners=48, per_lane=10, pauses=retry_schedule))
