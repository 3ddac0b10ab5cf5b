"""Settings of the sandbox process: command line first, then POSREDNIK_SANDBOX_* of the environment."""

import argparse
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from posrednik_sandbox.portal import TARIFFS, Application

DEMO_BASE = "5a4b1c00-0000-4000-8000-000000000001"


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int

    @staticmethod
    def parse(text: str) -> "Address":
        """`host:port`; only loopback is taken, since the sandbox asks nobody for a password."""
        host, _, port = text.rpartition(":")
        if host not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError(f"the sandbox listens on loopback only, not on {text!r}")
        return Address(host, int(port))


@dataclass(frozen=True, slots=True)
class Config:
    control: Address
    portal: Address
    shop: Address
    posrednik: str
    base_id: UUID
    base_token: str
    shop_secrets: tuple[str, ...]
    data_dir: Path
    application: Application = field(default_factory=Application)
    links: tuple[dict[str, str], ...] = ()
    office_token: str = ""
    seed: int = 1
    orders: int = 40
    couriers: int = 4
    utc_offset_h: int = 3
    die_with_parent: bool = False
    profile: str = "ut11"
    encoding: str = "json"
    push: bool = False
    zone: str = "Europe/Moscow"
    tariff: str = "standard"


def parse(argv: Sequence[str] | None = None, env: Mapping[str, str] | None = None) -> Config:
    """Read the command line; an option not given is taken from POSREDNIK_SANDBOX_<OPTION>."""
    known = _parser(os.environ if env is None else env).parse_args(argv)
    return Config(
        control=known.control,
        portal=known.portal,
        shop=known.shop,
        posrednik=known.posrednik.rstrip("/"),
        base_id=known.base_id,
        base_token=_token(known),
        shop_secrets=tuple(part for part in known.shop_secret.split(",") if part),
        data_dir=known.data_dir,
        application=_application(known),
        links=tuple(known.links),
        office_token=known.office_token,
        seed=known.seed,
        orders=known.orders,
        couriers=known.couriers,
        utc_offset_h=known.utc_offset,
        die_with_parent=known.die_with_parent,
        profile=known.profile,
        encoding=known.encoding,
        push=known.push,
        zone=known.zone,
        tariff=known.tariff,
    )


def _parser(env: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("posrednik-sandbox", description="Emulated 1C base, Bitrix24 portal and shop")

    def option(name: str, default: str, kind: Any = str, text: str = "") -> None:
        key = "POSREDNIK_SANDBOX_" + name.upper().replace("-", "_")
        parser.add_argument(f"--{name}", type=kind, default=env.get(key, default), help=f"{text} [{key}]")

    option("control", "127.0.0.1:8100", Address.parse, "start page, 1C, pages of portal and shop; port 0 = free")
    option("portal", "127.0.0.1:8101", Address.parse, "REST of the portal")
    option("shop", "127.0.0.1:8103", Address.parse, "webhook address of the shop")
    option("posrednik", "http://127.0.0.1:8000", str, "address of the service")
    option("base-id", DEMO_BASE, UUID, "id of the 1C base")
    option("base-token", "", str, "token of the base")
    option("base-token-file", "", str, "file with the token of the base")
    option("shop-secret", "", str, "whsec_… of the subscription, several by comma")
    option("data-dir", "var/sandbox", Path, "folder of the three systems' data")
    option("app-client-id", Application.client_id, str, "client_id of the portal's local application")
    option("app-token", Application.application_token, str, "its application_token")
    option("app-secret", Application.client_secret, str, "its client_secret")
    option("app-install", "", _handler, "its path of the first installation; empty: it needs none")
    option("app-api-only", "no", _yes, "yes or no: «Использует только API»")
    option("app-scope", ",".join(Application.scope), str, "its rights, by comma")
    option("app-page", "", _handler, "its page; empty: /courier/open of the service")
    option("app-chat", "", _handler, "its handler in the chat's menu; empty: /courier/open/chat of the service")
    option("app-office", "", _handler, "its handler in the left menu; empty: /office/open of the service")
    option("app-mobile", "yes", _yes, "yes or no: «Поддерживает BitrixMobile»")
    option("member-id", Application.member_id, str, "member_id of the portal")
    option("zone", "Europe/Moscow", _zone, "time zone of the portal")
    option("tariff", "standard", _one_of(*TARIFFS), "what the portal allows: standard, enterprise, box (no limits)")
    option("links", "[]", _links, "JSON list of {title, url, about, role} for the start page")
    option("office-token", "", str, "token of a head of the office, for the day that the start page plays; empty: none")
    option("seed", "1", int, "number that fixes the generated data")
    option("orders", "40", int, "orders made at the first start")
    option("couriers", "4", int, "couriers of a new base, at least 4")
    option("utc-offset", "3", int, "hours between the base's clock and UTC")
    option("profile", "ut11", _one_of("ut11", "ut103"), "names of the base's OData: ut11 or ut103")
    option("encoding", "json", _one_of("json", "xml"), "json, or xml as a base of the 8.2 family writes it")
    option("push", "no", _yes, "yes: events come to /onec/hs/kd/v1/events; no: the base asks for them")
    parser.add_argument("--die-with-parent", action="store_true", help="stop when the parent process ends")
    return parser


def _application(known: argparse.Namespace) -> Application:
    service = known.posrednik.rstrip("/")
    return Application(
        client_id=known.app_client_id,
        application_token=known.app_token,
        client_secret=known.app_secret,
        install_url=known.app_install,
        api_only=known.app_api_only,
        scope=tuple(sorted(part for part in known.app_scope.split(",") if part)),
        member_id=known.member_id,
        page_url=known.app_page or f"{service}/courier/open",
        chat_url=known.app_chat or f"{service}/courier/open/chat",
        office_url=known.app_office or f"{service}/office/open",
        mobile=known.app_mobile,
    )


def _handler(text: str) -> str:
    """An http(s) address that may stand in a Content-Security-Policy; empty = the default."""
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.netloc or set(parts.netloc) & set(" ;,'\"")):
        raise ValueError(f"a handler is an http or https address, not {text!r}")
    return text


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"a time zone as Europe/Moscow, not {name!r}") from error


def _one_of(*known: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in known:
            raise ValueError(f"one of {known}, not {text!r}")
        return text

    return read


def _yes(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(f"yes or no, not {text!r}")
    return text == "yes"


def _links(text: str) -> list[dict[str, str]]:
    links = json.loads(text)
    if not isinstance(links, list) or not all(isinstance(link, dict) and link.get("url") for link in links):
        raise ValueError("links: a JSON list of {title, url, about, role}")
    return [{str(key): str(value) for key, value in link.items()} for link in links]


def _token(known: argparse.Namespace) -> str:
    if known.base_token_file:
        return Path(known.base_token_file).read_text("utf-8").strip()
    return str(known.base_token)
