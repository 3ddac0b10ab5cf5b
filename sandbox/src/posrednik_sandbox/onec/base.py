"""The emulated 1C base: what managers do in it, and the jobs that exchange with Posrednik."""

import asyncio
import json
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from posrednik_sandbox.onec import digests, opening, seed, site, wire, words
from posrednik_sandbox.onec.client import Answer, Client, NoAnswer
from posrednik_sandbox.onec.odata import server as odata
from posrednik_sandbox.onec.odata.profiles import PROFILES
from posrednik_sandbox.onec.outbox import Outbox
from posrednik_sandbox.onec.receiver import Receiver
from posrednik_sandbox.onec.sender import Sender
from posrednik_sandbox.onec.service import Service
from posrednik_sandbox.onec.store import Store, now
from posrednik_sandbox.onec.switches import Switches
from posrednik_sandbox.traffic import Note

COMMANDS = "/api/v1/exchange/commands"
BUTTON_LIMIT_S = 5.0
FLUSH_LIMIT_S = 2.0
SAVED = "Команда сохранена и будет отправлена"
Json = dict[str, Any]


class WriteFailed(Exception):
    """The write transaction was rolled back; nothing of it is left."""


class NoSuchOrder(Exception):
    pass


class NoSuchCourier(Exception):
    pass


class Onec:
    """One infobase. `start`/`stop` are its power switch; everything else works on the file."""

    def __init__(
        self,
        path: Path,
        posrednik: str,
        base_id: str,
        token: str,
        note: Note,
        offset_h: int = 3,
        *,
        profile: str = "ut11",
        encoding: str = "json",
        push: bool = False,
    ) -> None:
        self.store = Store(path)
        self.switches = Switches()
        self.token = token
        self.pushed = push
        self.client = Client(posrednik, token, base_id, encoding)
        self.outbox = Outbox(self.store, base_id, self.switches, offset_h, encoding)
        self.sender = Sender(self.outbox, self.client, note)
        self.receiver = Receiver(self.outbox, self.client, note, self.sender.wake)
        self.service = Service(self.outbox, self.receiver, token, published=push)
        self.odata = odata.Server(self.store, PROFILES[profile], token, self.switches, self.sender.wake)
        self.note = note
        self.offset_h = offset_h
        self.on_orders: Callable[[Sequence[tuple[str, Json]]], None] = lambda orders: None
        self.button_limit_s = BUTTON_LIMIT_S
        self._jobs: list[asyncio.Task[None]] = []

    @property
    def online(self) -> bool:
        return bool(self._jobs)

    def prepare(self, seed_number: int, orders: int, couriers: int = 0) -> None:
        """Fill a new base; an existing one is left as it is, but for books that an earlier sandbox did not keep."""
        new = not self.store.get("seed")
        if new:
            with self.store.tx():
                self.store.set("seed", str(seed_number))
                self.store.set("epoch", str(uuid.uuid4()))
                self.store.set("instance", f"SRV-1C/trade/{uuid.uuid4().hex[:8]}")
                seed.fill(self.store, seed_number, couriers)
        if not self.store.get("books"):
            with self.store.tx():
                self.store.set("books", "open")
                opening.open_books(self.store, self.store.get("seed"))
        if new:
            self.create_orders(orders, ready=False)

    async def start(self, greet: bool = True) -> None:
        """Start the jobs. Without `greet` the sender does not ask what the service has seen before it
        sends.
        """
        if self._jobs:
            return
        self.sender.resume(greet)
        self._jobs = [asyncio.create_task(self.sender.run(), name="onec-sender")]
        receive = self.receiver.catch_up if self.pushed else self.receiver.run
        self._jobs.append(asyncio.create_task(receive(self.sender.bound), name="onec-receiver"))
        self._jobs.append(asyncio.create_task(site.run(self.store, self.switches, self.sender.wake), name="onec-site"))
        self.service.online = True

    async def stop(self) -> None:
        jobs, self._jobs = self._jobs, []
        self.service.online = False
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    async def close(self) -> None:
        await self.stop()
        await self.client.close()
        self.store.close()

    def create_orders(self, count: int, ready: bool) -> list[Json]:
        """Write `count` new orders in one transaction, with «Готов» at once if wanted. Returns ref,
        number, command.
        """
        made = []
        with self.store.tx():
            known = seed.catalogs(self.store)
            position = self._last_position()
            for place in range(position + 1, position + count + 1):
                made.append(self._new_order(known, place, ready))
        self.on_orders([(str(item["ref"]), self._data(str(item["ref"]))) for item in made])
        self.sender.wake()
        return made

    def prepare_day(self, courier: str, count: int, *, near: bool = False) -> list[Json]:
        """Write `count` orders of today for a courier, each assigned to him and «Готов», in one transaction.

        near: all of them in a few houses of one street. Returns ref, number, command. Raises NoSuchCourier.
        """
        if self.store.object("courier", courier) is None:
            raise NoSuchCourier(courier)
        today = wire.local_now(self.offset_h).replace(tzinfo=None)
        with self.store.tx():
            known = seed.catalogs(self.store)
            made = [self._day_order(known, today, courier, (index, count), near=near) for index in range(count)]
        self.on_orders([(str(item["ref"]), self._data(str(item["ref"]))) for item in made])
        self.sender.wake()
        return made

    def _day_order(
        self, known: seed.Catalogs, today: datetime, courier: str, place: tuple[int, int], *, near: bool
    ) -> Json:
        position = self._last_position() + 1
        rng = random.Random(f"{self.store.get('seed')}:{position}")
        ref, data = seed.day_order(rng, known, position, today, courier, place, near=near)
        return self._write_new(ref, position, data, courier)

    def _last_position(self) -> int:
        return int(self.store.value("SELECT coalesce(max(position), 100) FROM order_card") or 100)

    def _data(self, ref: str) -> Json:
        found = self.store.object("order", ref)
        return {} if found is None else dict(found["data"])

    def _new_order(self, known: seed.Catalogs, position: int, ready: bool) -> Json:
        rng = random.Random(f"{self.store.get('seed')}:{position}")
        moment = wire.local_now(self.offset_h).replace(tzinfo=None) - timedelta(minutes=rng.randrange(1, 90))
        ref, data = seed.order(rng, known, position, moment)
        return self._write_new(ref, position, data, "" if ready else None)

    def _write_new(self, ref: str, position: int, data: Json, ready_for: str | None) -> Json:
        """A new order; ready_for: None = not ready yet, "" = ready without a courier, else «Готов» for this one."""
        ready = ready_for is not None
        if ready:
            data["status"] = "Готов к доставке"
        self.store.put("order", ref, data)
        self.store.db.execute(
            "INSERT INTO order_card (ref, position, number, site_number, recipient, ready, "
            "delivery_price, courier, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                ref,
                position,
                data["number"],
                data.get("site_number"),
                data["recipient"]["name"],
                int(ready),
                data["delivery_price"],
                ready_for or None,
                now(),
            ),
        )
        told = {"order": ref} | ({"courier": ready_for} if ready_for else {})
        command = self.add_command("delivery.ready", ref, told) if ready else None
        return {"ref": ref, "number": data["number"], "command": command}

    def add_command(self, kind: str, order_ref: str, data: Mapping[str, Any], key: str = "") -> str:
        """Put a button press into the queue; the caller holds the transaction. order_ref: of the order or transfer."""
        key = key or str(uuid.uuid4())
        self.store.db.execute(
            "INSERT INTO command (id, type, order_ref, data, issued_at, issued_by) VALUES (?, ?, ?, ?, ?, ?)",
            (
                key,
                kind,
                order_ref,
                json.dumps(data, ensure_ascii=False),
                wire.local_now(self.offset_h).isoformat(),
                words.MANAGER,
            ),
        )
        return key

    def edit_order(self, ref: str, changes: Json, *, deleted: bool | None = None, posted: bool | None = None) -> None:
        """Write the order document with some fields changed; no button, no command."""
        with self.store.tx():
            self._rewrite(ref, changes, deleted, posted)
        self.sender.wake()

    def _rewrite(
        self,
        ref: str,
        changes: Json,
        deleted: bool | None = None,
        posted: bool | None = None,
        urgent: bool = False,
    ) -> None:
        found = self.store.object("order", ref)
        if found is None:
            raise NoSuchOrder(ref)
        self.store.put(
            "order",
            ref,
            found["data"] | changes,
            deleted=bool(found["deleted"]) if deleted is None else deleted,
            posted=bool(found["posted"]) if posted is None else posted,
            urgent=urgent,
        )

    async def press(self, ref: str, kind: str, extra: Json, changes: Json, card: Json) -> Json:
        """A manager's button: write the document and its command together, then try to send the command at
        once.

        extra: the command's data besides the order. changes: fields of the order document. card: columns
        of the
        list. Returns {command, saved, text}; `saved` = no answer in time, the queue will bring it.
        Raises WriteFailed and NoSuchOrder; then nothing was written.
        """
        key = str(uuid.uuid4())
        self.outbox.held.add(key)
        try:
            self._write(ref, kind, key, {"order": ref} | extra, changes, card)
            answered = await self._send_now(ref, key) if self.online else False
        finally:
            self.outbox.held.discard(key)
            self.sender.wake()
        command = self.command(key)
        return {
            "command": command,
            "saved": not answered,
            "text": answer_text(command) if answered else SAVED,
        }

    def _write(self, ref: str, kind: str, key: str, data: Json, changes: Json, card: Json) -> None:
        with self.store.tx():
            if changes:
                self._rewrite(ref, changes, urgent=True)
            elif self.store.value("SELECT 1 FROM order_card WHERE ref = ?", ref) is None:
                raise NoSuchOrder(ref)
            for column, value in card.items():
                # Column names come from routes.py, never from a request.
                self.store.db.execute(
                    f"UPDATE order_card SET {column} = ? WHERE ref = ?",  # noqa: S608
                    (value, ref),
                )
            self.add_command(kind, ref, data, key)
            if self.switches.take("fail_writes"):
                raise WriteFailed("Запись не удалась: конфликт блокировок. Документ и команда не записаны.")

    async def _send_now(self, ref: str, key: str) -> bool:
        """True = the service has answered about this command."""
        try:
            async with asyncio.timeout(self.button_limit_s):
                await self.sender.flush(ref, FLUSH_LIMIT_S)
                answer = await self._post_command(key)
        except (NoAnswer, TimeoutError) as error:
            why = str(error) or f"Посредник молчит {self.button_limit_s:g} с"
            self.note(f"{self._named(ref)}: на кнопку нет ответа ({why}). {SAVED}", ok=False, subject=ref)
            return False
        return self._answered(ref, key, answer)

    async def _post_command(self, key: str) -> Answer:
        row = self.store.row("SELECT * FROM command WHERE id = ?", key)
        assert row is not None
        body = self.outbox.head() | {"command": wire.command_of(row)}
        answer = await self.client.post_json(COMMANDS, body, self.button_limit_s)
        if self.switches.take("lose_command_answers"):
            raise NoAnswer("ответ потерян по дороге (переключатель)")
        return answer

    def _answered(self, ref: str, key: str, answer: Answer) -> bool:
        if answer.status != 200:
            self.note(f"{self._named(ref)}: на кнопку Посредник ответил {answer.words}. {SAVED}", ok=False, subject=ref)
            return False
        with self.store.tx():
            self.outbox.record_result({**answer.body, "id": key}, via="button")
        command = self.command(key)
        if command["status"] == "queued":
            return False
        title = COMMAND_TITLES.get(command["type"], command["type"])
        text = f"1С → Посредник: {self._named(ref).lower()}, «{title}»: {answer_text(command)}"
        self.note(text, ok=command["status"] != "rejected", subject=ref)
        return True

    def _named(self, ref: str) -> str:
        number = self.store.value("SELECT number FROM order_card WHERE ref = ?", ref)
        return f"Заказ {number}"

    def command(self, key: str) -> Json:
        row = self.store.row("SELECT * FROM command WHERE id = ?", key) or {}
        for name in ("data", "result"):
            row[name] = json.loads(row[name]) if row.get(name) else None
        return row | {"title": COMMAND_TITLES.get(str(row.get("type")), row.get("type"))}


COMMAND_TITLES = {
    "digest": "Сверка среза",
    "digest_parts": "Сверка частей среза",
    "listing": "Сверка по списку",
    "sample": "Сверка выборки",
    "digest_end": "Сверка пройдена",
    "delivery.ready": "Готов",
    "delivery.withdraw": "Снять готовность",
    "delivery.set_price": "Цена доставки",
    "delivery.set_amount_due": "Сумма к получению",
    "delivery.assign": "Назначить курьера",
    "delivery.cancel": "Отменить доставку",
    "backpack.load": "Положить в рюкзак",
    "backpack.unload": "Забрать из рюкзака",
    "sent_again": "Отправлено снова",
}


COMPARED = {
    "equal": "совпало",
    "send": "запрошено заново",
    "split": "сверяется по частям",
    "list": "сверяется по списку",
}


def answer_text(command: Json) -> str:
    """The service's answer as the manager reads it in the form."""
    if command.get("message"):
        return str(command["message"])
    if command["status"] == "done":
        if command["type"] in digests.COMPARING:
            return COMPARED.get(str((command.get("result") or {}).get("answer")), "принято")
        already = bool((command.get("result") or {}).get("already"))
        return "уже было сделано" if already else "принято"
    awaited = "рюкзак или его товар" if str(command["type"]).startswith("backpack.") else "заказ"
    waiting = f"ждёт: {awaited} ещё не дошёл до Посредника"
    return {"waiting": waiting, "rejected": f"отказано ({command.get('code')})"}.get(str(command["status"]), SAVED)
