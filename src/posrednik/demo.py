"""`posrednik demo`: everything on one machine with no outside system. The sandbox is a process of its own, spoken to
only over HTTP, as the real systems are."""

import asyncio
import base64
import hashlib
import json
import shutil
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from msgspec.structs import replace
from rich.console import Console

from posrednik import bootstrap, bootstrap_portal
from posrednik.config import Settings, load
from posrednik.division_file import DivisionFile
from posrednik.kit.http import Sessions
from posrednik.kit.ids import new_token
from posrednik.processes import Child, Family
from posrednik.serving import children, database_of, until_asked_to_stop
from posrednik.store import migrate
from posrednik.usecases.division_settings import LiveRules
from posrednik.usecases.set_up_portal import set_up

BASE_ID = "5a4b1c00-0000-4000-8000-000000000001"
WEBHOOK = "1/sandboxsecret"
CLIENT_ID = "local.5a4b1c00c0de01.20261122"
MEMBER_ID = "5a4b1c000000400080000000000000b2"
ADMINISTRATOR = 1  # Анна Королёва
COURIER = 7  # Илья Петров of the sandbox's portal
GROUPS = {"Центр": 11, "Север": 12}
PERSON = "Анна К."
# Attributes that the sandbox's base has beside those of УТ 11.
OWN_FIELDS = {
    "courier.division": "ИШ_Подразделение_Key", "courier.active": "ИШ_Работает", "warehouse.courier": "ИШ_Курьер_Key",
    "order.recipient.name": "ИШ_Получатель", "order.recipient.phone": "ИШ_ТелефонПолучателя",
    "order.delivery_price": "ИШ_СтоимостьДоставки", "order.address.flat": "ИШ_Квартира",
}  # fmt: skip
# Who works in the office: login → name, role, user of the portal, his page and what he does there.
PEOPLE = {
    "logist": ("Павел Логинов", "logistician", "2", "/deliveries", "Доска: назначить, передать, разобрать"),
    "kassir": ("Ольга Кассирова", "cashier", None, "/cash", "Касса: принять деньги вслепую, выдать размен"),
    "head": ("Ирина Главина", "head", None, "/deliveries", "Всё подразделение: доска, касса, отчёты, журнал"),
    "admin": ("Анна Королёва", "administrator", "1", "/people", "Люди и права, обмены, настройки"),
}
ROLES = {"logistician": "логист", "cashier": "кассир", "head": "руководитель", "administrator": "администратор"}
GENEROUS = "enterprise"  # of the sandbox's tariffs
WAIT_S = 60.0


class DemoError(Exception):
    """The demo did not come up; the text says what and what to do."""


@dataclass(frozen=True, slots=True)
class Places:
    """Addresses and files of one demo."""

    data_dir: Path
    port: int

    @property
    def service(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def metrics(self) -> str:
        return f"127.0.0.1:{self.port + 1}"

    @property
    def control(self) -> str:
        return f"127.0.0.1:{self.port + 100}"

    @property
    def portal(self) -> str:
        return f"127.0.0.1:{self.port + 101}"

    @property
    def shop(self) -> str:
        return f"127.0.0.1:{self.port + 103}"

    @property
    def config(self) -> Path:
        return self.data_dir / "config.toml"


async def run(data_dir: Path, port: int, *, fresh: bool, lived: bool, console: Console) -> None:
    """Start, print the start page, stay until Ctrl-C. lived: with a day played at once, as by its button there."""
    started = time.monotonic()
    places = Places(data_dir, port)
    for address in (places.service, places.metrics, places.control, places.portal, places.shop):
        _must_be_free(address)
    if fresh:
        shutil.rmtree(places.data_dir, ignore_errors=True)
    places.data_dir.mkdir(parents=True, exist_ok=True)
    secrets = _secrets(places.data_dir / "secrets.json")
    family = Family()
    try:
        await family.start(_sandbox(places, secrets))
        await _serve(places, secrets, family, console, started, lived=lived)
    finally:
        await family.stop()


async def _serve(
    places: Places, secrets: dict[str, str], family: Family, console: Console, started: float, *, lived: bool
) -> None:
    with database_of(_configured(places, secrets, {})) as dsn:
        await asyncio.to_thread(migrate.migrate, dsn)
        # The sandbox came up meanwhile.
        settings = _configured(places, secrets, await _divisions(places))
        db = bootstrap.database(settings, dsn)
        await db.open()
        await bootstrap.apply_configuration(db, settings)
        await bootstrap.keep_token(db, "person", PERSON, secrets["person"])
        for login, (name, role, user, _, _) in PEOPLE.items():
            await bootstrap.keep_person(db, login, name, role, user, secrets[login])
        await db.close()
        try:
            for child in children(settings, str(places.config), dsn):
                await family.start(child)
            await _answers(f"http://{places.service}/health/ready")
            # 1C came up first and has been waiting for the service with growing pauses: the first click must not wait.
            await _at_the_sandbox(places, "/onec/api/exchange", {"action": "flush"})
            await _connect_portal(places, settings, dsn)
            if lived:
                await _at_the_sandbox(places, "/api/day", {})
            _say(console, places, time.monotonic() - started)
            await until_asked_to_stop()
        finally:  # before the database
            await family.stop()


def _configured(places: Places, secrets: dict[str, str], divisions: dict[str, int]) -> Settings:
    places.config.write_text(_config(places, secrets, divisions), encoding="utf-8")
    return load(str(places.config), {})


async def _connect_portal(places: Places, settings: Settings, dsn: str) -> None:
    """As an administrator does it once: install the application, then `posrednik bitrix24 setup`."""
    told = await _answers(f"http://{places.control}/portal/api/application")
    if not told["application"]["installed"]:
        await _at_the_sandbox(places, "/portal/api/install", {"user": ADMINISTRATOR})
    db, sessions = bootstrap.database(settings, dsn), Sessions()
    await db.open()
    try:
        live = LiveRules(db, DivisionFile(settings), bootstrap.rules_of(settings))
        await live.refresh()
        desk = await bootstrap_portal.open_desk(_without_limits(settings), db, sessions)
        if desk is not None:
            wanted = bootstrap_portal.portal_wanted(settings)
            async with _generous(places):
                await set_up(db, live, desk, wanted, "posrednik demo", lambda: datetime.now(UTC))
    finally:
        await sessions.close()
        await db.close()


@asynccontextmanager
async def _generous(places: Places) -> AsyncIterator[None]:
    """A set-up makes some more calls at once than a small tariff allows: nobody is to wait seconds for the rest."""
    limits = "/portal/api/limits"
    tariff = (await _answers(f"http://{places.control}{limits}"))["tariff"]
    await _at_the_sandbox(places, limits, {"tariff": GENEROUS})
    try:
        yield
    finally:
        await _at_the_sandbox(places, limits, {"tariff": tariff, "forget": True})


def _without_limits(settings: Settings) -> Settings:
    return replace(settings, bitrix24=replace(settings.bitrix24, calls_per_second=0))


def _must_be_free(address: str) -> None:
    """Another program that answers on our port would look like a demo that came up."""
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise DemoError(
                f"Порт {port} занят другой программой (может быть, другим демо). Остановите её или выберите другие "
                f"порты: ./run demo --port {int(port) + 500}"
            ) from error


def _say(console: Console, places: Places, took_s: float) -> None:
    console.print(f"\nПосредник работает (запуск {took_s:.1f} с). Начните здесь:\n")
    console.print(f"    http://{places.control}/\n", style="bold")
    console.print(f"Данные демо: {places.data_dir}. Остановить: Ctrl-C.")


def _secrets(file: Path) -> dict[str, str]:
    """Made once a demo, kept beside its data, readable by its owner only."""
    kept: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    webhook = base64.b64encode(hashlib.sha256(new_token().encode()).digest()).decode()
    made = {"base": new_token(), "person": new_token(), "shop": f"whsec_{webhook}", "application": new_token(),
            "client": new_token(), **{login: new_token() for login in PEOPLE}}  # fmt: skip
    if made.keys() - kept.keys():
        # Data of an older demo lacks the younger secrets.
        kept = made | kept
        file.touch(mode=0o600)
        file.write_text(json.dumps(kept), encoding="utf-8")
    return kept


def _sandbox(places: Places, secrets: dict[str, str]) -> Child:
    options = {
        "CONTROL": places.control, "PORTAL": places.portal, "SHOP": places.shop,
        "POSREDNIK": f"http://{places.service}", "BASE_ID": BASE_ID, "BASE_TOKEN": secrets["base"],
        "APP_CLIENT_ID": CLIENT_ID, "APP_TOKEN": secrets["application"], "MEMBER_ID": MEMBER_ID,
        "APP_SECRET": secrets["client"], "APP_INSTALL": f"http://{places.service}/bitrix24/install",
        "APP_PAGE": f"http://{places.service}/courier/open",
        "APP_CHAT": f"http://{places.service}/courier/open/chat",
        "OFFICE_TOKEN": secrets["head"], "SHOP_SECRET": secrets["shop"], "DATA_DIR": str(places.data_dir / "sandbox"),
        "LINKS": json.dumps(_links(places, secrets), ensure_ascii=False),
    }  # fmt: skip
    env = {f"POSREDNIK_SANDBOX_{name}": value for name, value in options.items()}
    return Child("sandbox", [sys.executable, "-m", "posrednik_sandbox", "--die-with-parent"], env, quiet=True)


def _links(places: Places, secrets: dict[str, str]) -> list[dict[str, str]]:
    office, key = f"http://{places.service}/office/", f"#token={secrets['person']}&to="
    phone = f"http://{places.control}/portal/open?user={COURIER}&placement=DEFAULT&device=phone"
    return [
        {"title": "Приложение курьера", "url": phone, "role": "courier",
         "about": "Как в телефоне: Илья Петров открывает его из Битрикс24"},
        {"title": "Доставки", "url": f"{office}{key}/deliveries", "role": "courier",
         "about": "Провести доставку за курьера: Забрал, В пути, Отдал, Сдал деньги"},
        {"title": "Где мой заказ", "url": f"{office}{key}/way", "role": "logistician",
         "about": "Весь путь одного заказа через все системы и почему он ждёт"},
        {"title": "Разбор", "url": f"{office}{key}/incidents", "role": "logistician",
         "about": "Что не сошлось: далеко от адреса, другая сумма, повторное фото. Решает человек"},
        {"title": "Курьеры", "url": f"{office}{key}/couriers", "role": "administrator",
         "about": "Телефоны курьеров, код и QR для входа, отзыв доступа"},
        {"title": "Обмены", "url": f"{office}{key}/exchange", "role": "administrator",
         "about": "Системы, дорожки, карантин, разбор остановленных сообщений"},
        {"title": "Доска Посредника в Битрикс24", "role": "logistician",
         "about": "Павел Логинов открывает её на портале, без пароля",
         "url": f"http://{places.control}/portal/open?user=2&placement=LEFT_MENU&device=web"},
        *_after_the_day(office, key),
        *(_as_person(office, login, secrets[login]) for login in PEOPLE),
    ]  # fmt: skip


def _after_the_day(office: str, key: str) -> list[dict[str, str]]:
    pages = {"/deliveries": "Доска", "/incidents": "Разбор", "/cash": "Касса", "/reports": "Отчёты", "/kpi": "KPI"}
    return [{"title": title, "url": f"{office}{key}{path}", "role": "day"} for path, title in pages.items()]


def _as_person(office: str, login: str, token: str) -> dict[str, str]:
    """The office as one of those who work there sees it."""
    name, role, _, page, about = PEOPLE[login]
    card = "administrator" if role == "administrator" else "logistician"
    return {"title": f"Войти как {ROLES[role]}", "url": f"{office}#token={token}&to={page}", "role": card,
            "about": f"{name}. {about}"}  # fmt: skip


async def _answers(url: str) -> Any:
    """Wait until `url` answers 200; its JSON."""
    deadline = time.monotonic() + WAIT_S
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < deadline:
            try:
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return await answer.json()
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)
    raise DemoError(f"{url} не отвечает {WAIT_S:.0f} с. Порт занят другой программой? Выберите другой: --port 8500")


async def _at_the_sandbox(places: Places, path: str, body: dict[str, Any]) -> None:
    async with aiohttp.ClientSession() as session, session.post(f"http://{places.control}{path}", json=body) as answer:
        answer.raise_for_status()


async def _divisions(places: Places) -> dict[str, int]:
    """Division ref → project of the portal, as an administrator would map them by their names."""
    answer = await _answers(f"http://{places.control}/onec/api/divisions")
    return {d["ref"]: GROUPS[d["name"]] for d in answer["divisions"] if d["name"] in GROUPS}


def _odata(places: Places, password: str) -> list[str]:
    """So that «Первая загрузка» can be tried. What the base has of its own is named as the sandbox names it."""
    own = ", ".join(f'"{field}" = "{name}"' for field, name in OWN_FIELDS.items())
    return [
        "[bases.odata]", f'url = "http://{places.control}/onec/odata/standard.odata"', 'user = "Обмен"',
        f'password = "{password}"', "page = 50",
        f"fields = {{ {own} }}",
    ]  # fmt: skip


def _config(places: Places, secrets: dict[str, str], divisions: dict[str, int]) -> str:
    lines = [
        "# Written by `posrednik demo` at each start.",
        "[server]", f'listen = "{places.service}"', f"data_dir = {json.dumps(str(places.data_dir))}",
        'log_level = "warning"',
        "[bitrix24]", f'portal_url = "http://{places.portal}"', f'webhook = "{WEBHOOK}"', "default_group = 11",
        'status_chat = "chat1"',
        f'client_id = "{CLIENT_ID}"', f'client_secret = "{secrets["client"]}"', "poll_s = 15.0",
        f'js_url = "http://{places.portal}/api/v1/"',
        f'auth_url = "http://{places.portal}"', f'member_id = "{MEMBER_ID}"',
        f'application_token = "{secrets["application"]}"',
        "[webhooks]", "allow_private = true",
        "[[bases]]", f'id = "{BASE_ID}"', 'name = "Основная"', f'token = "{secrets["base"]}"', "lease_s = 30",
        *_odata(places, secrets["base"]),
        "[[subscriptions]]", f'url = "http://{places.shop}/posrednik/webhook"', f'secret = "{secrets["shop"]}"',
        'events = ["delivery.*"]',
    ]  # fmt: skip
    for ref, group in divisions.items():
        lines += ["[[divisions]]", f'ref = "{ref}"', 'mode = "live"', f"bitrix24_group = {group}"]
    return "\n".join(lines) + "\n"
