"""Accidents of an exchange made on purpose: replays, reused numbers, gaps, copies and restores of the
base (E-22 to E-25).
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from posrednik_sandbox.onec import digests, noise, site, wire
from posrednik_sandbox.onec.base import Onec
from posrednik_sandbox.onec.client import Answer
from posrednik_sandbox.onec.sender import MESSAGE_TIMEOUT_S, MESSAGES

EPOCHS = "/api/v1/exchange/epochs"
Json = dict[str, Any]


class Drills:
    """Each drill returns {text, answer?}: what was done and what the service said. ValueError = it cannot
    be done now.
    """

    def __init__(self, onec: Onec, folder: Path) -> None:
        self.onec = onec
        self.folder = folder
        self.copy = folder / "onec-copy.sqlite3"

    async def run(self, action: str, options: Json) -> Json:
        known = {
            "flush": self.flush,
            "replay": self.replay,
            "twin": self.twin,
            "conflict": self.conflict,
            "gap": self.gap,
            "out_of_order": self.out_of_order,
            "other_instance": self.other_instance,
            "new_epoch": self.new_epoch,
            "snapshot": self.snapshot,
            "restore": self.restore,
            "register_all": self.register_all,
            "digest": self.digest,
            "site_exchange": self.site_exchange,
            "noise": self.noise,
        }
        if action not in known:
            raise ValueError(f"нет такого действия: {action}")
        return await known[action](options)

    async def flush(self, options: Json) -> Json:
        """«Отправить сейчас»: also goes on after a stop, since a person has read the error."""
        self.onec.sender.resume()
        return {"text": "Отправка запущена"}

    async def replay(self, options: Json) -> Json:
        """Send the stored bytes of an old message once more; without a number the last one sent."""
        number = int(options.get("number") or 0)
        row = self.onec.store.row(
            "SELECT number, body FROM message WHERE state = 'sent' AND epoch = ? AND (? = 0 OR number = ?)"
            " ORDER BY number DESC LIMIT 1",
            self.onec.store.get("epoch"),
            number,
            number,
        )
        if row is None:
            raise ValueError("такого отправленного сообщения нет")
        return await self._send(row["body"], f"Сообщение № {row['number']} отправлено ещё раз")

    async def twin(self, options: Json) -> Json:
        """Two senders at once, as two servers with one job do: the same message twice at the same moment."""
        async with self._paused():
            message = self.onec.outbox.on_its_way() or self.onec.outbox.pack()
            if message is None:
                raise ValueError("отправлять нечего, сначала измените заказ")
            post = self.onec.client.post
            answers = await asyncio.gather(*(post(MESSAGES, message["body"], MESSAGE_TIMEOUT_S) for _ in range(2)))
            taken = [answer for answer in answers if answer.status == 200]
            if taken:
                self.onec.outbox.acknowledge(message, taken[0])
        said = " и ".join(str(answer.body.get("status") or answer.status) for answer in answers)
        text = f"Сообщение № {message['number']} отправлено дважды разом. Ответы: {said}"
        self.onec.note(f"Учения 1С. {text}", ok=len(taken) == len(answers))
        return {"text": text, "status": answers[0].status, "answers": [answer.body for answer in answers]}

    async def conflict(self, options: Json) -> Json:
        """The last number with other content, as a base restored by hand would send it."""
        body = self._last_body() | {"objects": [], "commands": [], "sent_at": "2001-01-01T00:00:00"}
        return await self._send(body, f"Номер {body['number']} использован с другим содержимым")

    async def gap(self, options: Json) -> Json:
        """Lose numbers: the next message will have a hole before it."""
        count = max(1, int(options.get("count") or 1))
        if self.onec.outbox.on_its_way() is not None:
            raise ValueError("сначала должно уйти ждущее сообщение")
        with self.onec.store.tx():
            self.onec.store.set("last_number", str(self.onec.outbox.last_number + count))
        return {"text": f"Пропущено номеров: {count}. Дыра будет видна при следующем сообщении"}

    async def out_of_order(self, options: Json) -> Json:
        """The message after the next one arrives first; the earlier one follows it."""
        async with self._paused():
            first = self.onec.outbox.on_its_way() or self.onec.outbox.pack() or self._noise()
            number = first["number"] + 1
            self.onec.store.set("last_number", str(number))
            body = self.onec.outbox.head() | {"number": number, "objects": [], "commands": []}
            return await self._send(body, f"Сообщение № {number} отправлено раньше № {first['number']}")

    def _noise(self) -> Json:
        """A product written again without a change, packed."""
        store = self.onec.store
        with store.tx():
            store.touch("product", store.value("SELECT ref FROM object WHERE kind = 'product' LIMIT 1"))
        packed = self.onec.outbox.pack()
        assert packed is not None
        return packed

    async def other_instance(self, options: Json) -> Json:
        """A copied test base speaks to the production address (E-25)."""
        body = self.onec.outbox.head() | {
            "instance": "TEST/trade-copy",
            "number": self.onec.outbox.last_number + 1,
            "objects": [],
            "commands": [],
        }
        return await self._send(body, "Отправлено от имени копии базы")

    async def new_epoch(self, options: Json) -> Json:
        """Start a new series. The epoch wanted is kept until the service has agreed, so a repeat asks for
        the same.
        """
        async with self._paused():
            return await self._ask_for_epoch(str(options.get("reason") or "restore"))

    async def _ask_for_epoch(self, reason: str) -> Json:
        store = self.onec.store
        epoch = store.get("wanted_epoch") or str(uuid.uuid4())
        store.set("wanted_epoch", epoch)
        body = self.onec.outbox.head() | {"epoch": epoch, "reason": reason}
        answer = await self.onec.client.post_json(EPOCHS, body, 10.0)
        if answer.status != 200:
            return _result("Новая эпоха не начата", answer)
        self.onec.outbox.start_epoch(epoch, int(answer.body.get("last_accepted") or 0))
        store.set("wanted_epoch", "")
        return _result("Начата новая эпоха, номера пошли заново", answer)

    @asynccontextmanager
    async def _paused(self, greet: bool = True) -> AsyncIterator[None]:
        """The jobs stand still, so that no answer to an old message comes in between."""
        was_online = self.onec.online
        await self.onec.stop()
        try:
            yield
        finally:
            if was_online:
                await self.onec.start(greet)

    async def snapshot(self, options: Json) -> Json:
        self.onec.store.snapshot(self.copy)
        number = self.onec.outbox.last_number
        return {"text": f"Копия базы сделана: последний номер {number}", "number": number}

    async def restore(self, options: Json) -> Json:
        """Back to the copy. mode: `same_epoch` (says nothing, numbers are reused), `ask` (asks the service
        first and goes
        on after its number), `new_epoch` (starts a new series)."""
        mode = str(options.get("mode") or "ask")
        if mode not in ("same_epoch", "ask", "new_epoch"):
            raise ValueError("режим: same_epoch, ask или new_epoch")
        if not self.copy.exists():
            raise ValueError("сначала сделайте копию базы")
        async with self._paused(greet=mode != "same_epoch"):
            before = self.onec.outbox.last_number
            self.onec.store.restore(self.copy)
            self.onec.store.set("reread", "1")
            text = f"База восстановлена из копии: был № {before}, стал № {self.onec.outbox.last_number}"
            if mode != "new_epoch":
                return {"text": text}
            result = await self._ask_for_epoch("restore")
            return result | {"text": f"{text}. {result['text']}"}

    async def register_all(self, options: Json) -> Json:
        """Mark everything changed: the first load, or a full resend."""
        store = self.onec.store
        with store.tx():
            rows = store.rows("SELECT kind, ref FROM object")
            for row in rows:
                store.touch(row["kind"], row["ref"])
            store.set(digests.AFTER_LOAD, "1")
        self.onec.sender.wake()
        return {"text": f"Зарегистрировано к отправке объектов: {len(rows)}"}

    async def digest(self, options: Json) -> Json:
        """The nightly comparison on demand. What has not gone yet would only be asked for twice."""
        store = self.onec.store
        if store.value("SELECT 1 FROM dirty LIMIT 1"):
            raise ValueError("сначала должно уйти всё изменённое")
        with store.tx():
            count = digests.register(store, self.onec.offset_h)
        self.onec.sender.wake()
        return {"text": f"Сверка: поставлено в очередь срезов: {count}", "slices": count}

    async def site_exchange(self, options: Json) -> Json:
        """The standard exchange with the site writes `count` orders with Загрузка = Истина (E-43)."""
        refs = site.rewrite(self.onec.store, self.onec.switches, int(options.get("count") or 1))
        self.onec.sender.wake()
        return {"text": f"Обмен с сайтом переписал заказов: {len(refs)}", "refs": refs}

    async def noise(self, options: Json) -> Json:
        """What people do with documents that are long in use (E-26), `count` times, the same for the same `seed`."""
        done = noise.make(self.onec.store, int(options.get("count") or 10), int(options.get("seed") or 1))
        self.onec.sender.wake()
        return {"text": f"Сделано правок: {len(done)}", "done": done}

    def _last_body(self) -> Json:
        row = self.onec.store.row(
            "SELECT body FROM message WHERE state = 'sent' AND epoch = ? ORDER BY number DESC LIMIT 1",
            self.onec.store.get("epoch"),
        )
        if row is None:
            raise ValueError("ещё ничего не отправлено")
        return wire.decoded(row["body"], self.onec.outbox.encoding)

    async def _send(self, body: Json | bytes, text: str) -> Json:
        raw = body if isinstance(body, bytes) else wire.encoded(body, self.onec.outbox.encoding)
        answer = await self.onec.client.post(MESSAGES, raw, MESSAGE_TIMEOUT_S)
        result = _result(text, answer)
        self.onec.note(f"Учения 1С. {result['text']}", ok=answer.status == 200)
        return result


def _result(text: str, answer: Answer) -> Json:
    said = answer.body.get("status") or answer.body.get("code") or answer.body.get("title") or ""
    shown = f"{text}. Ответ Посредника: {answer.status} {said}".rstrip()
    return {"text": shown, "status": answer.status, "answer": answer.body}
