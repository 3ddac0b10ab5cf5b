"""Taking events in: long poll, each event applied once in its own transaction, then acknowledged
(contract.md §3, E-41).
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from posrednik_sandbox.onec import again, digests, documents, papers, wire
from posrednik_sandbox.onec.books import NotEnough
from posrednik_sandbox.onec.client import Client, NoAnswer
from posrednik_sandbox.onec.outbox import Outbox
from posrednik_sandbox.onec.sender import pause_after
from posrednik_sandbox.onec.store import now
from posrednik_sandbox.traffic import Note

OUTGOING = "/api/v1/exchange/outgoing"
ACK = "/api/v1/exchange/outgoing/ack"
LIMIT = 100
WAIT_S = 20
STAGES = {
    "delivery.picked_up": "picked_up",
    "delivery.departed": "en_route",
    "delivery.retried": "picked_up",
    "delivery.handed_over": "handed_over",
    "delivery.not_delivered": "not_delivered",
    "delivery.returned": "returned",
    "delivery.customer_returned": "returned",
    "delivery.cancelled": "cancelled",
    "delivery.withdrawn": "withdrawn",
}
TITLES = {
    "delivery.picked_up": "курьер забрал",
    "delivery.departed": "курьер в пути",
    "delivery.retried": "повторная попытка",
    "delivery.handed_over": "отдано",
    "delivery.not_delivered": "не вручено",
    "delivery.returned": "возврат на склад",
    "delivery.customer_returned": "возврат покупателя",
    "delivery.cancelled": "отменено",
    "delivery.withdrawn": "готовность снята",
    "delivery.corrected": "курьер исправил запись",
    "command.finished": "команда выполнена",
    "sale.made": "продажа из рюкзака",
    "sale.corrected": "продажа исправлена",
    "backpack.accepted": "рюкзак принят по счёту",
    "backpack.unloaded": "товар из рюкзака вернули на склад",
    "backpack.counted": "рюкзак пересчитан",
    "backpack.found": "недостача нашлась",
    "backpack.written_off": "недостача списана",
    "cash.change_issued": "выдан размен",
    "cash.handed_in": "курьер сдал деньги",
    "exchange.send_again": "Посредник восстановлен из копии и просит всё снова",
    "cash.corrected": "касса исправлена",
    "exchange.send_slice": "просят срез заново",
    "exchange.send_digests": "просят сверить базу",
    "exchange.send_sample": "просят выборку для сверки",
}
Event = dict[str, Any]


class Receiver:
    def __init__(self, outbox: Outbox, client: Client, note: Note, on_applied: Callable[[], None]) -> None:
        self.outbox = outbox
        self.store = outbox.store
        self.client = client
        self.note = note
        self.last_error = ""
        self._on_applied = on_applied
        self._failures = 0

    async def run(self, ready: asyncio.Event) -> None:
        """Receive until cancelled; before the service knows this base there is nothing to ask for."""
        await ready.wait()
        while True:
            pause = await self.step()
            if pause > 0:
                await asyncio.sleep(pause)

    async def step(self) -> float:
        try:
            await self._reread()
            last = int(self.store.value("SELECT coalesce(max(number), 0) FROM event") or 0)
            batch = await self._fetch({"limit": str(LIMIT), "wait": str(WAIT_S), "known": str(last)})
            await self._process(batch)
        except NoAnswer as error:
            return self._later(str(error))
        except Exception as error:  # one unreadable batch must not end the job
            return self._later(f"ошибка приёма: {type(error).__name__}: {error}")
        self._failures, self.last_error = 0, ""
        return 0.0

    def take(self, events: list[Event]) -> tuple[list[str], list[dict[str, Any]]]:
        """Apply events that were pushed: ids of what is in the base now, and refusals."""
        return self._apply_all(events)

    def acknowledged(self, accepted: list[str]) -> None:
        with self.store.tx():
            self.store.db.executemany("UPDATE event SET acked_at = ? WHERE id = ?", [(now(), key) for key in accepted])

    async def catch_up(self, ready: asyncio.Event) -> None:
        """What a restored base has lost, where events are otherwise pushed."""
        await ready.wait()
        while self.store.get("reread"):
            try:
                await self._reread()
            except NoAnswer as error:
                await asyncio.sleep(self._later(str(error)))

    async def _fetch(self, params: dict[str, str]) -> dict[str, Any]:
        answer = await self.client.get(OUTGOING, {**self.outbox.head(), **params}, WAIT_S + 10.0)
        if answer.status != 200:
            raise NoAnswer(answer.words)
        return answer.body

    async def _reread(self) -> None:
        """After a restore the base has forgotten acknowledged events: ask for all after the last one it
        knows.
        """
        while self.store.get("reread"):
            last = int(self.store.value("SELECT coalesce(max(number), 0) FROM event") or 0)
            batch = await self._fetch({"after": str(last), "limit": str(LIMIT), "wait": "0"})
            if not batch.get("events"):
                self.store.set("reread", "")
                return
            self.note(f"1С перечитывает события после № {last}: {len(batch['events'])}")
            await self._process(batch)
            if int(self.store.value("SELECT coalesce(max(number), 0) FROM event") or 0) <= last:
                self.store.set("reread", "")

    async def _process(self, batch: dict[str, Any]) -> None:
        events: list[Event] = batch.get("events") or []
        if not events:
            return
        if self.outbox.switches.slow_apply_s:
            await asyncio.sleep(self.outbox.switches.slow_apply_s)
        accepted, rejected = self._apply_all(events)
        if self.outbox.switches.take("crash_before_ack"):
            self.note(f"1С упала, не подтвердив событий: {len(events)}. Они придут снова", ok=False)
            return
        await self._acknowledge(str(batch.get("batch")), accepted, rejected)

    def _apply_all(self, events: list[Event]) -> tuple[list[str], list[dict[str, Any]]]:
        accepted, rejected = [], []
        for event in events:
            refusal = self._refusal(event) or self._try(event)
            if refusal is None:
                accepted.append(str(event["id"]))
            else:
                rejected.append(refusal)
        self._on_applied()
        return accepted, rejected

    def _refusal(self, event: Event) -> dict[str, Any] | None:
        wanted = self.outbox.switches.reject_type
        if wanted not in ("*", event.get("type")) or not wanted:
            return None
        return self._refuse(
            event,
            "object_locked",
            "объект заблокирован другим пользователем",
            self.outbox.switches.reject_retry,
        )

    def _try(self, event: Event) -> dict[str, Any] | None:
        try:
            with self.store.tx():
                sentence = self._apply(event)
        except NotEnough as error:
            return self._refuse(event, "not_posted", str(error), self.outbox.switches.reject_retry)
        except (ValueError, KeyError, TypeError) as error:
            return self._refuse(event, "cannot_apply", f"событие не проводится: {error}", False)
        if sentence:
            subject = event.get("subject") or {}
            self.note(sentence, subject=str(subject.get("order_ref") or ""), detail=str(event["type"]))
        return None

    def _apply(self, event: Event) -> str:
        """Apply one event inside the caller's transaction. Returns the line for the strip, "" for a
        repetition.
        """
        if self.store.value("SELECT 1 FROM event WHERE id = ?", event["id"]):
            # Another number than before: of a service that was restored and has forgotten that it gave this one.
            renew = "UPDATE event SET seen = seen + 1, number = ? WHERE id = ?"
            self.store.db.execute(renew, (int(event["number"]), event["id"]))
            return ""
        subject = event.get("subject") or {}
        in_order = self._record(event, subject)
        if event["type"] == "command.finished":
            self.outbox.record_result(event.get("data") or {}, via="event")
        if event["type"] == "exchange.send_again":
            again.register(self.store, event.get("data") or {})
        self._show(event, subject)
        if event["type"] == "exchange.send_slice":
            self._register_slice(event.get("data") or {})
        self._compare(event["type"], event.get("data") or {})
        made = documents.make(self.store, self.outbox.switches, event, wire.local_now(self.outbox.offset_h))
        return _sentence(event, subject, made, in_order)

    def _record(self, event: Event, subject: dict[str, Any]) -> bool:
        kind, key, version = str(subject.get("kind")), str(subject.get("id")), int(event["version"])
        newest = self.store.value(
            "SELECT coalesce(max(version), 0) FROM event WHERE subject_kind = ? AND subject_id = ?", kind, key
        )
        in_order = version > int(newest)
        self.store.db.execute(
            "INSERT INTO event (id, number, type, subject_kind, subject_id, order_ref, version, "
            "occurred_at, body,"
            " applied_at, in_order) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                event["id"],
                int(event["number"]),
                event["type"],
                kind,
                key,
                subject.get("order_ref"),
                version,
                event.get("occurred_at"),
                json.dumps(event, ensure_ascii=False),
                now(),
                int(in_order),
            ),
        )
        self.store.db.execute("DELETE FROM refusal WHERE id = ?", (event["id"],))
        return in_order

    def _show(self, event: Event, subject: dict[str, Any]) -> None:
        stage = STAGES.get(event["type"])
        if stage is None or not subject.get("order_ref") or self._only_a_part(event, str(subject["order_ref"])):
            return
        self.store.db.execute(
            "UPDATE order_card SET stage = ?, stage_version = ? WHERE ref = ? AND stage_version <= ?",
            (stage, int(event["version"]), subject["order_ref"], int(event["version"])),
        )

    def _only_a_part(self, event: Event, ref: str) -> bool:
        """A return of some lines leaves a delivery that was handed over as it is (domain rule of `returned`)."""
        stage = self.store.value("SELECT stage FROM order_card WHERE ref = ?", ref)
        order = self.store.object("order", ref)
        if STAGES[event["type"]] != "returned" or stage not in ("handed_over", "settled") or order is None:
            return False
        back = sum(float(line.get("quantity") or 0) for line in (event.get("data") or {}).get("lines") or [])
        return back < sum(float(line["quantity"]) for line in order["data"]["lines"])

    def _compare(self, type: str, data: dict[str, Any]) -> None:
        if type == "exchange.send_digests":
            wanted = [(str(one["kind"]), str(one.get("slice") or "")) for one in data.get("slices") or []]
            digests.register(self.store, self.outbox.offset_h, str(data["run"]), wanted)
        elif type == "exchange.send_sample":
            digests.register_sample(self.store, str(data["run"]), data.get("objects") or [])

    def _register_slice(self, data: dict[str, Any]) -> None:
        """Register every object of the kind again; a slice of a month takes the documents dated in it."""
        month = str(data.get("slice") or "")
        for row in self.store.rows("SELECT ref, data FROM object WHERE kind = ?", str(data.get("kind"))):
            if str(json.loads(row["data"]).get("date", "")).startswith(month):
                self.store.touch(str(data.get("kind")), row["ref"])

    def _refuse(self, event: Event, code: str, message: str, retry: bool) -> dict[str, Any]:
        with self.store.tx():
            self.store.db.execute(
                "INSERT INTO refusal (id, number, type, code, message, retry, at) VALUES (?, ?, ?, "
                "?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET times = times + 1, at = excluded.at, retry = excluded.retry",
                (event["id"], int(event["number"]), event["type"], code, message, int(retry), now()),
            )
        self.note(f"1С не приняла событие № {event['number']}: {message}", ok=False, merge=f"refused-{event['id']}")
        return {"id": event["id"], "code": code, "message": message, "retry": retry}

    async def _acknowledge(self, batch: str, accepted: list[str], rejected: list[dict[str, Any]]) -> None:
        body = self.outbox.head() | {"batch": batch, "accepted": accepted, "rejected": rejected}
        answer = await self.client.post_json(ACK, body, 10.0)
        if answer.status != 200 and answer.status != 204:
            raise NoAnswer(f"подтверждение не принято: {answer.words}")
        self.acknowledged(accepted)

    def _later(self, why: str) -> float:
        self._failures += 1
        self.last_error = why
        self.note(f"1С не может получить события: {why}", ok=False, merge="receiver-later")
        return pause_after(self._failures)


def _sentence(event: Event, subject: dict[str, Any], made: list[str], in_order: bool) -> str:
    title = TITLES.get(event["type"], event["type"])
    number = f"заказ {subject['order_number']}: " if subject.get("order_number") else ""
    done = "Обновлено" if str(event["type"]).endswith(".corrected") else "Создано"
    written = f". {done}: {', '.join(papers.TITLES[kind].lower() for kind in made)}" if made else ""
    late = "" if in_order else " (пришло позже более нового)"
    return f"Посредник → 1С: {number}{title}{written}{late}"
