"""The only place where things are built and connected; importing a module makes nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
from litestar import Litestar

from posrednik import __version__
from posrednik.api.app import make_app
from posrednik.api.services import RateLimit, Services, Waker
from posrednik.checks.figures import check_figures
from posrednik.checks.housekeeper import Duty, Housekeeper
from posrednik.config import ConfigError, OData, Settings
from posrednik.connectors.bitrix24.client import Bitrix24Connector
from posrednik.connectors.bitrix24.entry import EntrySettings, PortalEntry
from posrednik.connectors.bitrix24.settings import Bitrix24Settings
from posrednik.connectors.odata.client import ODataClient, Sleep
from posrednik.connectors.odata.profile import Names, ProfileError, load_profile
from posrednik.connectors.odata.reader import Reader
from posrednik.connectors.onec import outbound
from posrednik.connectors.onec.push import Push, Unsaid
from posrednik.connectors.site.client import SiteConnector, retry_schedule
from posrednik.dispatch.dispatcher import Tuning
from posrednik.dispatch.limiter import Limits
from posrednik.dispatch.notifier import Listener, Notifier
from posrednik.dispatch.worker import Served, Worker
from posrednik.division_file import DivisionFile
from posrednik.domain.loads import NoOData
from posrednik.intake import onec
from posrednik.intake.odata import ODataSource
from posrednik.kit.blobs import Blobs, open_blobs
from posrednik.kit.http import new_session
from posrednik.kit.images import Images
from posrednik.kit.log import get_logger
from posrednik.kit.passwords import Passwords
from posrednik.store import destinations, events, figures, inbox, migrate, people, tokens, views
from posrednik.store import division as divisions
from posrednik.store.board import fill
from posrednik.store.db import Database, Row, StoreError, Tx
from posrednik.usecases import manage_devices, manage_people, manage_subscriptions, weigh_evidence
from posrednik.usecases.compare_backpacks import compare_backpacks
from posrednik.usecases.division_settings import LiveRules
from posrednik.usecases.enter_from_portal import pinned_member
from posrednik.usecases.first_load import FirstLoad
from posrednik.usecases.gates import Faults
from posrednik.usecases.give_outgoing import Answered, Given
from posrednik.usecases.give_up_parked import give_up_parked
from posrednik.usecases.keep_photo import KeepPhoto
from posrednik.usecases.let_in import NewCode, new_code
from posrednik.usecases.manage_loads import Loader
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.push_outgoing import Pusher, Told, Trouble
from posrednik.usecases.settle_covered import settle_moved
from posrednik.usecases.show_photo import ShowPhoto
from posrednik.usecases.watch_board import BoardWatch

log = get_logger("bootstrap")
BITRIX24 = "bitrix24"
SITE_TIMEOUT_S = 20.0


def rules_of(settings: Settings) -> Rules:
    """What the configuration says of divisions; `LiveRules` keeps it at what was changed since."""
    return DivisionFile(settings).all()


def database(settings: Settings, dsn: str, rules: Rules | None = None) -> Database:
    """A database whose transactions settle what they cover, write their outbox and hint the workers.

    rules: kept up to date by the caller; None = those of the file.
    """
    db = Database(
        dsn, size=settings.database.pool_size, pooler=settings.database.pooler, direct_dsn=settings.database.direct_url
    )
    file_mode, known = DivisionFile(settings).mode, rules or rules_of(settings)

    async def finish(tx: Tx) -> None:
        await settle_moved(tx, known, datetime.now(UTC))
        await events.flush(tx, file_mode)

    db.before_commit = finish
    return db


async def apply_configuration(db: Database, settings: Settings) -> None:
    """Bases, tokens, destinations and subscriptions of the file: made if missing, never removed."""

    async def work(tx: Tx) -> None:
        for base in settings.bases:
            await inbox.ensure_base(
                tx, base.id, base.name, time_zone=base.time_zone, lease_s=base.lease_s, mode=base.mode,
                encoding=base.encoding, push_url=base.push_url,
            )  # fmt: skip
            await destinations.ensure(tx, f"onec:{base.id}", "onec")
            if base.token:
                await tokens.add(tx, "base", str(base.id), base.name, base.token)
        own = {one.ref for one in await divisions.every(tx) if "time_zone" in one.changes}
        for division in settings.divisions:
            if division.time_zone and division.ref.lower() not in own:
                await figures.set_zone(tx, division.ref.lower(), division.time_zone)
        if settings.bitrix24.portal_url:
            await destinations.ensure(tx, BITRIX24, "bitrix24")
        known = {row.url for row in await tx.fetch("subscriptions")}
        for one in settings.subscriptions:
            if one.url not in known:
                manage_subscriptions.check(one.url, one.events, allow_private=settings.webhooks.allow_private)
                await manage_subscriptions.add(tx, one.url, one.events, None, one.secret)

    await db.transact(work)


# -- the API process


def api(settings: Settings, dsn: str, web: Path | None, close_polls_on: int | None = None) -> Litestar:
    """The ASGI application; it opens its database when the server starts it.

    close_polls_on: a signal that ends all long polls, because the process is about to stop.
    """
    rules = rules_of(settings)
    db = database(settings, dsn, rules)
    live = LiveRules(db, DivisionFile(settings), rules)
    waker = Waker()
    board = BoardWatch(db, waker.wait)
    notifier, faults = Notifier(db), Faults(db)
    listener = Listener(db.direct_dsn, waker.wake)
    sessions = Sessions()
    blobs, images = _blobs(settings), Images()
    tasks: list[Any] = []

    def hinted(ids: set[int]) -> None:
        waker.wake()
        if settings.dispatch.notify:
            notifier.hint(ids)

    async def start() -> None:
        await db.open()
        await apply_configuration(db, settings)
        await live.refresh()
        tasks.extend(asyncio.create_task(run()) for run in (live.run, faults.run))
        if close_polls_on is not None:
            asyncio.get_running_loop().add_signal_handler(close_polls_on, waker.close)
        if settings.dispatch.notify:
            tasks.append(asyncio.create_task(listener.run()))

    async def stop() -> None:
        for task in tasks:
            task.cancel()
        await board.close()
        await images.close()
        await sessions.close()
        await db.close()

    db.on_hints = hinted
    limits = onec.Limits(settings.server.max_objects, settings.server.max_commands)
    services = Services(
        db=db, rules=rules, live=live, onec=onec.OneC(db, rules, limits), waker=waker, board=board,
        rate=RateLimit(settings.server.requests_per_second, settings.server.request_burst),
        ready=_ready(db, db.direct_dsn),
        keep_photo=KeepPhoto(db, blobs, images, on_photo=_weigh_photo), show_photo=ShowPhoto(db, blobs), faults=faults,
        metrics_token=settings.server.metrics_token, allow_private=settings.webhooks.allow_private,
        portal_origin=settings.bitrix24.portal_url.rstrip("/"), portal_door=_portal_door(settings, db, sessions),
        public_url=settings.server.url, status_chat=settings.bitrix24.status_chat,
        limits=_limits(settings), loadable=frozenset(b.id for b in settings.bases if b.odata is not None),
    )  # fmt: skip
    return make_app(
        services, max_body_bytes=settings.server.max_body_bytes, web=web, version=__version__, start=[start],
        stop=[stop],
    )  # fmt: skip


def _limits(settings: Settings) -> dict[str, tuple[str, float, float]]:
    """For the exchange page: (bucket, calls a second, burst) by destination."""
    b = settings.bitrix24
    if b.calls_per_second <= 0:
        return {}
    return {"bitrix24": (f"bitrix24:{b.portal_url}", b.calls_per_second, b.call_burst)}


def _blobs(settings: Settings) -> Blobs:
    """Where photos are."""
    p = settings.photos
    return open_blobs(
        p.url, Path(settings.server.data_dir).resolve() / "photos",
        {"endpoint": p.endpoint, "region": p.region, "access_key_id": p.access_key_id,
         "secret_access_key": p.secret_access_key, "allow_http": p.allow_http},
    )  # fmt: skip


def _portal_door(settings: Settings, db: Database, sessions: "Sessions") -> PortalEntry | None:
    """None: this service has no application on a portal."""
    b = settings.bitrix24
    if not b.portal_url or not b.client_id:
        return None
    return PortalEntry(
        EntrySettings(b.portal_url, b.client_id, b.auth_url, b.member_id, b.application_token),
        lambda: sessions.get(public_only=False), lambda member_id: pinned_member(db, member_id),
    )  # fmt: skip


async def _weigh_photo(tx: Tx, sha256: str) -> None:
    """A picture that comes after its step is evidence too."""
    await weigh_evidence.on_photo(tx, sha256, datetime.now(UTC))


def _ready(db: Database, dsn: str) -> Callable[[], Awaitable[str | None]]:
    async def ready() -> str | None:
        try:
            await views.figures(db)
            missing = await asyncio.to_thread(migrate.pending, dsn)
        except StoreError:
            return "база данных не отвечает"
        return f"не выполнены миграции базы данных: {missing}" if missing else None

    return ready


# -- the worker process


class Sessions:
    """The HTTP sessions of a process: one for addresses that must be public, one for the rest."""

    def __init__(self) -> None:
        self._made: dict[bool, aiohttp.ClientSession] = {}

    def get(self, *, public_only: bool) -> aiohttp.ClientSession:
        if public_only not in self._made:
            self._made[public_only] = new_session(public_only=public_only, limit=0)
        return self._made[public_only]

    async def close(self) -> None:
        for session in self._made.values():
            await session.close()


def worker(settings: Settings, db: Database, sessions: Sessions) -> Worker:
    """The dispatch worker of this process; the caller opens `db`, starts and stops it, and closes `sessions`."""
    limits_s = {"bitrix24": settings.bitrix24.time_limit_s + 1, "site": 0.0}
    return Worker(
        db, _serve(settings, db, sessions), limits_s, poll_s=settings.dispatch.poll_s,
        beat_s=settings.dispatch.heartbeat_s,
        notify=settings.dispatch.notify,
    )  # fmt: skip


def housekeeper(settings: Settings, db: Database, worker: Worker) -> Housekeeper:
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

    duties = [
        Duty("parked", 60, parked), Duty("backpacks", 3600, backpacks), Duty("figures", 3600, figures_agree),
        Duty("board", 60, fill_board),
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
    rules, source = rules_of(settings), ODataSource(Reader(client, names), base.time_zone)
    live = LiveRules(db, DivisionFile(settings), rules)
    return FirstLoad(db, base_id, source, rules, page=o.page, refresh=live.refresh)


def _names_of(odata: OData) -> list[Names]:
    try:
        return load_profile(
            odata.profile, sets=odata.sets, fields=odata.fields, fixed=odata.fixed, values=odata.values,
            registers=odata.registers,
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
                return _bitrix24(settings, sessions)
            case "site":
                return await _site(settings, db, sessions, row.id)
            case _:
                return None

    return serve


def _bitrix24(settings: Settings, sessions: Sessions) -> Served | None:
    b = settings.bitrix24
    if not b.portal_url or not b.webhook:
        log.warning("bitrix24.not_configured")
        return None
    connector = Bitrix24Connector(
        Bitrix24Settings(
            portal_url=b.portal_url, webhook=b.webhook,
            groups={d.ref.lower(): d.bitrix24_group for d in settings.divisions if d.bitrix24_group is not None},
            default_group=b.default_group or None, responsible_id=b.responsible_id or None,
            time_limit_s=b.time_limit_s, timeout_s=b.timeout_s,
        ),
        sessions.get(public_only=False),
    )  # fmt: skip
    limits = None
    if b.calls_per_second > 0:
        limits = Limits(f"bitrix24:{b.portal_url}", b.calls_per_second, b.call_burst)
    return Served(connector, limits, Tuning(runners=4, per_lane=1, linger_s=0.02))


async def _site(settings: Settings, db: Database, sessions: Sessions, destination_id: int) -> Served | None:
    row = await destinations.subscription_of(db, destination_id)
    if row is None:
        return None
    allow = settings.webhooks.allow_private
    secrets = [secret for secret in (row.secret, row.old_secret) if secret]
    session = sessions.get(public_only=not allow)
    connector = SiteConnector(row.url, secrets, allow, session, timeout_s=SITE_TIMEOUT_S)
    return Served(connector, None, Tuning(runners=48, per_lane=10, pauses=retry_schedule))


async def make_token(db: Database, kind: str, owner: str, name: str) -> str:
    """A token for the command line; shown once. owner of a device: a courier's ref or name (NotOneCourier)."""
    if kind == "base":
        owner = str(UUID(owner))
    if kind == "device":
        owner = await manage_devices.courier_ref(db, owner)

    async def work(tx: Tx) -> str:
        return await tokens.add(tx, kind, owner, name)

    return await db.transact(work)


async def make_login_code(db: Database, ref_or_name: str) -> NewCode:
    """A courier's code for the command line. Raises NotOneCourier, NoSuchCourier, CourierInactive."""
    ref = await manage_devices.courier_ref(db, ref_or_name)
    now = datetime.now(UTC)
    return await db.transact(lambda tx: new_code(tx, ref, "командная строка", now))


async def phones_of(db: Database, ref_or_name: str | None) -> list[tuple[Row, Row]]:
    """(courier, phone) of one courier or of all. Raises NotOneCourier."""
    ref = await manage_devices.courier_ref(db, ref_or_name) if ref_or_name else None
    known = await manage_devices.all_phones(db)
    return [(one.courier, phone) for one in known if ref in (None, one.courier.ref) for phone in one.phones]


async def hire(
    db: Database, passwords: Passwords, login: str, account: manage_people.Account, divisions: Collection[str], who: str
) -> manage_people.OneTime:  # fmt: skip
    """Somebody new, for the command line (who: `cli:<user of the machine>`). Raises errors of domain/people.py."""

    async def work(tx: Tx) -> manage_people.OneTime:
        made = await manage_people.add(tx, passwords, login, account, divisions, datetime.now(UTC))
        told = {"login": login, "name": account.name, "roles": account.roles, "divisions": account.divisions}
        await manage_people.note(tx, who, "user.add", str(made.person_id), told)
        return made

    return await db.transact(work)


async def keep_person(db: Database, login: str, name: str, role: str, user: str | None, token: str) -> None:
    """Somebody whose session is known already (the demo's); no password of his lets in until one is given."""
    if await tokens.find(db, token) is not None:
        return

    async def work(tx: Tx) -> None:
        person = await people.found(tx, login=login)
        if person is None:
            await people.add(tx, login, manage_people.Account(name, [role], bitrix24_user=user), None, None)
            person = await people.found(tx, login=login)
        await people.open_session(tx, person, name, "token", datetime.now(UTC), None, token)

    await db.transact(work)


async def keep_token(db: Database, kind: str, owner: str, token: str) -> None:
    """A token whose text is known already (the demo's)."""

    async def work(tx: Tx) -> None:
        await tokens.add(tx, kind, owner, owner, token)

    await db.transact(work)
