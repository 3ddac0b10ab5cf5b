"""Accidents of the base on purpose, which happen to the extension's code."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bsl.platform.infobase import Infobase
from tests.bsl.platform.platform import BaseSession as Session
from tests.bsl.values import to_python
from tests.onec_base.base import ExtensionOnec

from posrednik_sandbox.onec import drills as sandbox
from posrednik_sandbox.onec import site

MESSAGES = "/api/v1/exchange/messages"
TIMEOUT_S = 30
LACKING = {"conflict", "gap", "out_of_order"}
Json = dict[str, Any]


class ExtensionDrills(sandbox.Drills):
    """The sandbox's drills as far as the scenarios need them; the others are refused."""

    onec: ExtensionOnec  # type: ignore[assignment]

    def __init__(self, onec: ExtensionOnec, folder: Path) -> None:
        super().__init__(onec, folder)  # type: ignore[arg-type]
        self.elsewhere = folder / "elsewhere" / "onec.sqlite3"

    async def run(self, action: str, options: Json) -> Json:
        if action in LACKING:
            raise ValueError(f"у базы с расширением нет такого действия: {action}")
        return await super().run(action, options)

    async def flush(self, options: Json) -> Json:
        """«Отправить сейчас» after a person has read why it stopped."""
        await self.onec.run(lambda session: session.call("кд_Отправка.ПродолжитьОбмен"))
        self.onec.wake()
        return {"text": "Отправка запущена"}

    async def twin(self, options: Json) -> Json:
        """Two sessions send one packed message at the same moment; the first answer is taken."""
        async with self._paused():
            message = await self.onec.run(lambda session: session.call("кд_Очередь.Упаковать"))
            if message is None:
                raise ValueError("отправлять нечего, сначала измените заказ")
            body = str(to_python(message)["Тело"])
            answers = await asyncio.gather(*(self.onec.run(_posting(body)) for _ in range(2)))
            taken = [answer for answer in answers if answer["Код"] == 200]
            if taken:
                await self.onec.run(lambda session: session.call("кд_Очередь.Подтвердить", message, taken[0]["Тело"]))
        return {"text": "отправлено дважды", "status": answers[0]["Код"], "answers": [one["Тело"] for one in answers]}

    async def replay(self, options: Json) -> Json:
        """The stored text of a message that was sent goes once more, the last one or that of a number."""
        row = self.onec.store.row(
            "SELECT number, body FROM message WHERE state = 'sent' AND epoch = ? AND ? IN (0, number)"
            " ORDER BY number DESC LIMIT 1", self.onec.store.get("epoch"), int(options.get("number") or 0),
        )  # fmt: skip
        if row is None:
            raise ValueError("такого отправленного сообщения нет")
        answer = await self.onec.run(_posting(row["body"]))
        return {"text": f"Сообщение № {row['number']} отправлено ещё раз", "status": answer["Код"],
                "answer": answer["Тело"]}  # fmt: skip

    async def other_instance(self, options: Json) -> Json:
        """A copy of the base elsewhere (E-25): its job stops before the first request; sent by force, it is refused."""
        self.elsewhere.parent.mkdir(exist_ok=True)
        self.onec.store.snapshot(self.elsewhere)
        told = await asyncio.to_thread(_in_copy, self.onec.infobase_at(self.elsewhere))
        shutil.rmtree(self.elsewhere.parent)
        return {"text": f"Копия базы: {told['stopped']}", **told}

    async def _ask_for_epoch(self, reason: str) -> Json:
        done = await self.onec.run(lambda session: to_python(session.call("кд_Отправка.НачатьНовуюЭпоху", reason)))
        return {"text": done["Текст"], "status": 200 if done["Успешно"] else 409, "answer": {}}

    async def restore(self, options: Json) -> Json:
        """Yesterday's file over today's; what is to be done then the extension finds out by itself, or by a person.

        mode: `same_epoch` (its job goes on as if nothing were), `ask` (it begins anew, and so asks first), `new_epoch`.
        """
        mode = str(options.get("mode") or "ask")
        before = self.onec.outbox.last_number
        async with self._paused(greet=mode != "same_epoch"):
            self.onec.store.restore(self.copy)
            text = f"База восстановлена из копии: был № {before}, стал № {self.onec.outbox.last_number}"
            if mode != "new_epoch":
                return {"text": text}
            return await self._ask_for_epoch("restore")

    async def digest(self, options: Json) -> Json:
        """«Сверить» by a person; what has not gone yet would only be asked for twice."""
        if self.onec.outbox.counts()["objects"]:
            raise ValueError("сначала должно уйти всё изменённое")
        count = await self.onec.run(lambda session: int(session.call("кд_Сверка.СверитьВсе")))
        self.onec.wake()
        return {"text": f"Сверка: поставлено в очередь срезов: {count}", "slices": count}

    async def site_exchange(self, options: Json) -> Json:
        """The standard exchange with the site writes orders with Загрузка = Истина (E-43)."""
        refs = site.rewrite(self.onec.as_loader(), self.onec.switches, int(options.get("count") or 1))
        self.onec.wake()
        return {"text": f"Обмен с сайтом переписал заказов: {len(refs)}", "refs": refs}

    async def register_all(self, options: Json) -> Json:
        count = await self.onec.run(lambda session: int(session.call("кд_Регистрация.ЗарегистрироватьВсе")))
        self.onec.wake()
        return {"text": f"Зарегистрировано к отправке объектов: {count}"}


def _in_copy(copy: Infobase) -> Json:
    """requests: how many the copy's job has sent before it stopped."""
    session = copy.session()
    try:
        session.call("кд_Отправка.Шаг")
        stopped, requests = session.call("кд_Настройки.Значение", "КодОстановки"), len(copy.http_sent)
        head = to_python(session.call("кд_Настройки.Шапка"))
        head["instance"] = session.call("кд_Настройки.ЭкземплярПослеПереезда")
        number = int(session.call("кд_Настройки.Значение", "ПоследнийНомер")) + 1
        answer = _posting(json.dumps(head | {"number": number, "objects": [], "commands": []}))(session)
    finally:
        session.close()
    return {"stopped": stopped, "requests": requests, "status": answer["Код"], "answer": answer["Тело"]}


def _posting(body: str) -> Callable[[Session], Json]:
    def post(session: Session) -> Json:
        told: Json = to_python(session.call("кд_Транспорт.Запросить", "POST", MESSAGES, None, body, TIMEOUT_S))
        return told

    return post
