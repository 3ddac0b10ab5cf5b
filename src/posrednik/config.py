"""The settings: one TOML file and the environment, read once, never changed. Every key: config.example.toml."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from posrednik.domain import ownership
from posrednik.domain.policy import KNOWN_REASONS, RADIUS_M, DivisionPolicy, Reason
from posrednik.domain.proofs import DEFAULTS, ProofRules, rules_with
from posrednik.domain.texts import REASONS
from posrednik.kit.addresses import is_loopback
from posrednik.kit.values import kopecks, milli, money, quantity


class ConfigError(Exception):
    """The settings cannot be used; the text says which key and what is expected."""


def _seconds(clock: str) -> int:
    """Of "03:00", since midnight."""
    return int(clock[:2]) * 3600 + int(clock[3:]) * 60


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    listen: str = "127.0.0.1:8000"
    public_url: str = ""
    data_dir: str = "./var"
    max_body_bytes: int = 4 * 1024 * 1024
    max_objects: int = 1000
    max_commands: int = 200
    requests_per_second: float = 50.0
    request_burst: float = 200.0
    metrics_token: str = ""
    log_level: str = "info"

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])

    @property
    def url(self) -> str:
        return self.public_url.rstrip("/") or f"http://{self.listen}"


class DatabaseSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str = ""
    direct_url: str = ""
    pooler: bool = False
    pool_size: int = 10


class Photos(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str = ""
    endpoint: str = ""
    region: str = ""
    access_key_id: str = ""
    secret_access_key: str = ""
    allow_http: bool = False


class OData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a base is loaded from for the first time. sets, fields, fixed, values, refs: odata/profile.py."""

    url: str
    user: str = ""
    password: str = ""
    profile: str = "ut11"
    page: int = 300
    parallel: int = 3
    registers: bool = False
    sets: dict[str, str] = {}
    fields: dict[str, str] = {}
    fixed: dict[str, str | bool] = {}
    values: dict[str, dict[str, str | bool]] = {}
    refs: dict[str, list[str]] = {}


class BaseSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: UUID
    name: str = "1С"
    time_zone: str = "Europe/Moscow"
    token: str = ""
    mode: str = "pull"
    push_url: str = ""
    encoding: str = "json"
    lease_s: int = 60
    odata: OData | None = None


class Bitrix24(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    portal_url: str = ""
    webhook: str = ""
    client_id: str = ""
    client_secret: str = ""
    auth_url: str = "https://oauth.bitrix24.tech"
    js_url: str = "https://api.bitrix24.tech/api/v1/"
    member_id: str = ""
    application_token: str = ""
    default_group: int = 0
    responsible_id: int = 0
    calls_per_second: float = 2.0
    call_burst: float = 45.0
    time_limit_s: float = 60.0
    timeout_s: float = 65.0
    status_chat: str = ""
    poll_s: float = 60.0
    compare_at: str = "04:00"

    @property
    def compare_at_s(self) -> int:
        """Seconds after midnight."""
        return _seconds(self.compare_at)


class Proofs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For divisions that say nothing else: of each step, proof -> level. What is left out keeps its default."""

    pick_up: dict[str, str] = msgspec.field(default_factory=lambda: dict(DEFAULTS["pick_up"]))
    depart: dict[str, str] = msgspec.field(default_factory=lambda: dict(DEFAULTS["depart"]))
    hand_over: dict[str, str] = msgspec.field(default_factory=lambda: dict(DEFAULTS["hand_over"]))
    not_deliver: dict[str, str] = msgspec.field(default_factory=lambda: dict(DEFAULTS["not_deliver"]))
    give_back: dict[str, str] = msgspec.field(default_factory=lambda: dict(DEFAULTS["give_back"]))
    customer_return: dict[str, str] = msgspec.field(default_factory=lambda: dict(DEFAULTS["customer_return"]))


class OwnReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    ru: str
    en: str


class Division(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ref: str
    mode: str = "live"
    bitrix24_group: int | None = None
    radius_m: int = RADIUS_M
    cash_ceiling: str = ""
    oversale: str = "0"
    sale_receipt: bool = False
    time_zone: str | None = None
    phone: str = ""
    reasons: tuple[str | OwnReason, ...] = tuple(REASONS)
    proofs: dict[str, dict[str, str]] = {}


class Webhooks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    allow_private: bool = False


class SubscriptionSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str
    secret: str
    events: tuple[str, ...] = ("delivery.*",)


class Dispatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    poll_s: float = 1.0
    heartbeat_s: float = 3.0
    notify: bool = True
    grace_s: float = 20.0
    metrics_listen: str = ""


class Reconciliation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When bases are compared by themselves: `at` of their own zones."""

    enabled: bool = True
    at: str = "03:00"
    sample: int = 400
    hours: float = 2.0

    @property
    def start_s(self) -> int:
        """Seconds after midnight."""
        return _seconds(self.at)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set. Sections as in contract.md §7, plus [proofs], [ownership], [reconciliation] and
    [dispatch]."""

    server: Server = Server()
    database: DatabaseSection = DatabaseSection()
    photos: Photos = Photos()
    bitrix24: Bitrix24 = Bitrix24()
    webhooks: Webhooks = Webhooks()
    proofs: Proofs = Proofs()
    ownership: dict[str, tuple[str, ...]] = {}
    reconciliation: Reconciliation = Reconciliation()
    dispatch: Dispatch = Dispatch()
    bases: tuple[BaseSection, ...] = ()
    divisions: tuple[Division, ...] = ()
    subscriptions: tuple[SubscriptionSection, ...] = ()


SECRETS = {"token", "password", "webhook", "client_secret", "secret", "metrics_token", "application_token",
           "access_key_id", "secret_access_key"}  # fmt: skip
_IN_FILES = SECRETS | {"url", "direct_url"}  # an address of a database has its password in it
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w-][\w.-]*)*/?")
_PLAIN = ("server", "database", "photos", "bitrix24", "webhooks", "reconciliation", "dispatch")
LEAST_PUSH_LEASE_S = 40  # a push may take 30
LEASE_S = (1, 86_400)
PROFILES = ("ut11", "ut103")
MOST_PAGE, MOST_PARALLEL = 5000, 4
_REASON_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
MOST_SAMPLED = 2000
LEAST_POLL_S = 5
_PHONE = re.compile(r"[+0-9 ()#*,-]{0,40}")
_OWNERSHIP = {
    "kind": f'expected "kind.field" or "kind.*", the kind one of {", ".join(ownership.KINDS)}',
    "field": "this kind has no such field (docs/subsystems/ownership.md lists them); * is for all that are not named",
    "owner": f"owners are {', '.join(ownership.SYSTEMS)}, or base:NAME with the name of one of [[bases]]",
    "nobody": "at least one owner is needed",
}
_MODES = {"off", "shadow", "pilot", "live"}


def load(path: str | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read FILE (or POSREDNIK_CONFIG), then POSREDNIK_SECTION_KEY of the environment. Raises ConfigError."""
    path = path or environ.get("POSREDNIK_CONFIG")
    raw: dict[str, Any] = {}
    if path:
        try:
            raw = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(f"{path}: {error}") from error
    folder = Path(path).resolve().parent if path else Path.cwd()
    _from_environment(raw, environ)
    try:
        settings = msgspec.convert(_secrets_from_files(raw, folder), Settings, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path or 'environment'}: {error}") from error
    _check(settings)
    return settings


def _from_environment(raw: dict[str, Any], environ: Mapping[str, str]) -> None:
    for name, value in environ.items():
        for section in _PLAIN:
            prefix = f"POSREDNIK_{section.upper()}_"
            if name.startswith(prefix):
                keys = raw.setdefault(section, {})
                if not isinstance(keys, dict):
                    raise ConfigError(f"{section}: expected a section with keys")
                keys[name[len(prefix) :].lower()] = value


def _secrets_from_files(value: Any, folder: Path) -> Any:
    """`token_file = "x"` puts the text of the file x (beside the configuration) into `token`."""
    if isinstance(value, list):
        return [_secrets_from_files(one, folder) for one in value]
    if not isinstance(value, dict):
        return value
    read: dict[str, Any] = {}
    for key, one in value.items():
        name = key.removesuffix("_file")
        if name != key and name in _IN_FILES:
            try:
                read[name] = (folder / str(one)).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigError(f"{key}: {error}") from error
        else:
            read[key] = _secrets_from_files(one, folder)
    return read


def _check(settings: Settings) -> None:
    for division in settings.divisions:
        if division.mode not in _MODES:
            raise ConfigError(f"divisions {division.ref}: mode is one of {', '.join(sorted(_MODES))}")
        policy_of(settings, division)
    policy_of(settings)
    for base in settings.bases:
        if base.mode not in ("pull", "push") or base.encoding not in ("json", "xml"):
            raise ConfigError(f"bases {base.id}: mode is pull or push, encoding is json or xml")
        if base.mode == "push":
            _check_push(base)
        if base.odata is not None:
            _check_odata(f"bases {base.id}: odata", base.odata)
        if not LEASE_S[0] <= base.lease_s <= LEASE_S[1]:
            raise ConfigError(f"bases {base.id}: lease_s is {LEASE_S[0]} to {LEASE_S[1]} seconds")
    if len({base.id for base in settings.bases}) < len(settings.bases):
        raise ConfigError("bases: the same id twice")
    _check_ownership(settings)
    _check_reconciliation(settings.reconciliation)
    _check_bitrix24(settings.bitrix24)
    _check_photos(settings.photos)
    _check_server(settings.server)
    for zone in {base.time_zone for base in settings.bases} | {d.time_zone for d in settings.divisions if d.time_zone}:
        check_zone(zone)


def _check_reconciliation(one: Reconciliation) -> None:
    if not _CLOCK.fullmatch(one.at):
        raise ConfigError('reconciliation.at: expected a time of the day as "03:00"')
    if not 0 <= one.sample <= MOST_SAMPLED or not 0 < one.hours <= 24:
        raise ConfigError(f"reconciliation: sample is 0 to {MOST_SAMPLED} objects, hours is more than 0, 24 at most")


def _check_ownership(settings: Settings) -> None:
    for name, owners in settings.ownership.items():
        try:
            ownership.check(name, owners, [base.name for base in settings.bases])
        except ownership.Wrong as error:
            raise ConfigError(f'ownership "{name}": {_OWNERSHIP[error.code]}') from error


def _check_push(base: BaseSection) -> None:
    _check_outside(f"bases {base.id}: push_url", base.push_url)
    if not base.token:
        raise ConfigError(f"bases {base.id}: mode push needs the base's token here, it is what 1C knows us by")
    if base.lease_s < LEAST_PUSH_LEASE_S:
        raise ConfigError(f"bases {base.id}: mode push needs lease_s of at least {LEAST_PUSH_LEASE_S}")


def _check_odata(name: str, odata: OData) -> None:
    _check_outside(f"{name}.url", odata.url)
    if not 1 <= odata.page <= MOST_PAGE or not 1 <= odata.parallel <= MOST_PARALLEL:
        raise ConfigError(f"{name}: page is 1 to {MOST_PAGE} rows, parallel is 1 to {MOST_PARALLEL} requests")
    if odata.profile not in PROFILES:
        raise ConfigError(f"{name}: profile is one of {', '.join(PROFILES)}")


def _check_bitrix24(bitrix24: Bitrix24) -> None:
    """client_id: of our application on the portal; by client_secret its tokens are kept and renewed."""
    if bitrix24.client_secret and not bitrix24.client_id:
        raise ConfigError("bitrix24.client_secret: needs client_id, both are in the card of the application")
    if bitrix24.client_id and not bitrix24.portal_url:
        raise ConfigError("bitrix24.client_id: needs portal_url, the portal that has this application")
    if bitrix24.client_id:
        for name in ("portal_url", "auth_url", "js_url"):
            _check_outside(f"bitrix24.{name}", getattr(bitrix24, name))
    if not _CLOCK.fullmatch(bitrix24.compare_at):
        raise ConfigError('bitrix24.compare_at: expected a time of the day as "04:00"')
    if not LEAST_POLL_S <= bitrix24.poll_s <= 3600:
        raise ConfigError(f"bitrix24.poll_s: {LEAST_POLL_S} to 3600 seconds")


def _check_photos(photos: Photos) -> None:
    if not photos.url:
        if photos != Photos():
            raise ConfigError('photos: the other keys are for url = "s3://bucket/prefix"')
        return
    if not _BUCKET.fullmatch(photos.url):
        raise ConfigError('photos.url: expected "s3://bucket" or "s3://bucket/prefix", or nothing for the local folder')
    if bool(photos.access_key_id) != bool(photos.secret_access_key):
        raise ConfigError("photos: access_key_id and secret_access_key go together")
    if photos.endpoint:
        _check_outside("photos.endpoint", photos.endpoint)
    if photos.allow_http != photos.endpoint.startswith("http://"):
        raise ConfigError("photos.allow_http: true with an endpoint of plain http on this machine, else false")


def _check_outside(name: str, url: str) -> None:
    """Secrets go to this address: https, and plain http only to this machine."""
    try:
        parts = urlsplit(url)
        fine = parts.port != 0 and not (parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:
        raise ConfigError(f"{name}: expected https://host") from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    if not (fine and safe and parts.hostname):
        raise ConfigError(f"{name}: expected https://host; plain http only to this very machine")


def _check_server(server: Server) -> None:
    port = server.listen.rpartition(":")[2]
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise ConfigError('server.listen: expected "address:port"')
    for name in ("max_body_bytes", "max_objects", "max_commands", "requests_per_second"):
        if not getattr(server, name) > 0:
            raise ConfigError(f"server.{name}: more than 0")
    if server.request_burst < 1:
        raise ConfigError("server.request_burst: at least 1")


def check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(f'time_zone: "{zone}" is no zone; expected a name like "Europe/Moscow"') from error


def policy_of(settings: Settings, division: Division | None = None) -> DivisionPolicy:
    """What a division asks of its couriers; None: one that is not listed. Raises ConfigError."""
    general = _proofs("proofs", msgspec.structs.asdict(settings.proofs), ProofRules())
    if division is None:
        return DivisionPolicy(proofs=general)
    where = f"divisions {division.ref}"
    if division.radius_m <= 0:
        raise ConfigError(f"{where}: radius_m is more than 0")
    if not _PHONE.fullmatch(division.phone):
        raise ConfigError(f'{where}: phone is digits, spaces and "+ - ( ) # * ,", 40 characters at most')
    return DivisionPolicy(
        radius_m=division.radius_m,
        cash_ceiling_kop=_ceiling(where, division.cash_ceiling),
        proofs=_proofs(f"{where}: proofs", division.proofs, general),
        reasons=_reasons(where, division.reasons),
        phone=division.phone.strip(),
        oversale_milli=_oversale(where, division.oversale),
        sale_receipt=division.sale_receipt,
    )


def _oversale(where: str, text: str) -> int:
    try:
        amount = milli(quantity(text))
    except ValueError:
        amount = -1
    if amount < 0:
        raise ConfigError(f"{where}: oversale is a quantity of units, 0 or more")
    return amount


def _proofs(where: str, named: Mapping[str, Mapping[str, str]], base: ProofRules) -> ProofRules:
    try:
        return rules_with(named, base)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from error


def _ceiling(where: str, rubles: str) -> int | None:
    try:
        read = money(rubles)
    except ValueError as error:
        raise ConfigError(f"{where}: cash_ceiling is {error}") from error
    if read is not None and read.startswith("-"):
        raise ConfigError(f"{where}: cash_ceiling is not below 0")
    return None if read is None else kopecks(read)


def _reasons(where: str, named: tuple[str | OwnReason, ...]) -> tuple[Reason, ...]:
    reasons = tuple(_reason(where, one) for one in named)
    if not reasons or len({one.code for one in reasons}) < len(reasons):
        raise ConfigError(f"{where}: reasons are at least one, each code once")
    return reasons


def _reason(where: str, named: str | OwnReason) -> Reason:
    if isinstance(named, OwnReason):
        if not (_REASON_CODE.fullmatch(named.code) and named.ru.strip() and named.en.strip()):
            raise ConfigError(f"{where}: a reason of its own has a code of a-z, 0-9, _ and the texts ru and en")
        return Reason(named.code, named.ru.strip(), named.en.strip())
    for known in KNOWN_REASONS:
        if known.code == named:
            return known
    raise ConfigError(f'{where}: reason "{named}" is none of {", ".join(REASONS)}; one of its own is a table')


def summary(settings: Settings) -> dict[str, Any]:
    """For the line at the start: every key, secrets as "set" or "not set", without passwords in addresses."""
    return {name: _masked(value, name) for name, value in msgspec.to_builtins(settings).items()}


def _masked(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _masked(one, key) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(one, name) for one in value]
    if name in SECRETS:
        return "set" if value else "not set"
    if name in ("url", "direct_url") and "@" in str(value):
        return str(value).partition("://")[0] + "://…@" + str(value).rpartition("@")[2]
    return value
