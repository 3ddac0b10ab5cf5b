"""The one sender of the base (E-21): stored bytes, the same bytes again until an answer, a visible stop
on a refusal.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from posrednik_sandbox.onec import again, digests
from posrednik_sandbox.onec.client import Answer, Client, NoAnswer
from posrednik_sandbox.onec.outbox import Outbox
from posrednik_sandbox.traffic import Note

MESSAGES = "/api/v1/exchange/messages"
STATE = "/api/v1/exchange/state"
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 30.0
MESSAGE_TIMEOUT_S = 30.0
IDLE_S = 30.0
STOPPING = {
    "unknown_epoch": "Посредник не знает этой эпохи базы. Начните новую эпоху на странице «Обмен».",
    "other_instance": "Посредник связан с другой копией этой базы. Это копия? Обмен остановлен.",
    "old_epoch": "Эта эпоха уже закрыта. Начните новую на странице «Обмен».",
}


def pause_after(attempt: int) -> float:
    """Seconds to wait after the `attempt`-th failure in a row (the first is 1)."""
    return float(min(FIRST_PAUSE_S * 2 ** min(attempt - 1, 10), LONGEST_PAUSE_S))


class Sender:
    def __init__(self, outbox: Outbox, client: Client, note: Note) -> None:
        self.outbox = outbox
        self.client = client
        self.note = note
        self.last_error = ""
        self.stopped = ""
        self.next_try_s: float | None = None
        self.bound = asyncio.Event()
        self._failures = 0
        self._greeted = False
        self._wake = asyncio.Event()
        self._step_done = asyncio.Condition()

    def wake(self) -> None:
        self._wake.set()

    def resume(self, greet: bool = True) -> None:
        """Go on after a person has read the error; `greet` asks again what the other side has seen."""
        self.stopped = ""
        self._greeted = not greet
        self._failures = 0
        self.wake()

    async def run(self) -> None:
        """Send until cancelled. Cancelling in the middle is a power cut: the stored message goes again."""
        while True:
            self._wake.clear()
            pause = await self.step()
            async with self._step_done:
                self._step_done.notify_all()
            self.next_try_s = pause if self._failures else None
            if pause > 0:
                await self._sleep(pause)

    async def flush(self, ref: str, timeout_s: float) -> bool:
        """Give the sender the chance to send a changed order now. True = the order has gone."""
        sql = "SELECT 1 FROM dirty WHERE kind = 'order' AND ref = ?"
        return await self.until(lambda: self.outbox.store.value(sql, ref) is None, timeout_s)

    async def until(self, done: Callable[[], bool], timeout_s: float) -> bool:
        """Let the sender work until `done`. False = it could not, or not in time."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._sent(done)
        except TimeoutError:
            return False

    async def step(self) -> float:
        """One exchange at most. Returns the seconds to wait before the next one."""
        if self.stopped or self.outbox.switches.hold_sender:
            return IDLE_S
        try:
            if not self._greeted:
                await self._greet()
            if self.stopped:
                return IDLE_S
            lost = again.next_message(self.outbox.store)
            if lost is not None:
                return await self._send_again(lost)
            message = self.outbox.on_its_way() or self.outbox.pack()
            if message is None:
                return 0.0 if again.tell(self.outbox.store, self.outbox.offset_h) else IDLE_S
            return await self._send(message)
        except NoAnswer as error:
            return self._later(str(error), None)
        except Exception as error:  # a broken answer must not end the job
            return self._later(f"ошибка отправки: {type(error).__name__}: {error}", None)

    async def _sent(self, done: Callable[[], bool]) -> bool:
        while not done():
            async with self._step_done:
                self.wake()
                await self._step_done.wait()
            if self.last_error or self.stopped or self.outbox.switches.hold_sender:
                return False
        return True

    async def _greet(self) -> None:
        """Ask what the service has seen before the first message goes."""
        answer = await self.client.get(STATE, self.outbox.head(), 10.0)
        if answer.status == 200:
            self._greeted = True
            self._compare(answer.body)
        elif answer.status == 429 or answer.status >= 500:
            raise NoAnswer(answer.words)
        else:
            self._stop(answer)

    def _compare(self, state: dict[str, Any]) -> None:
        if state.get("epoch") is None:
            self.note("1С впервые знакомится с Посредником")
            return
        self.bound.set()
        seen, own = int(state.get("last_accepted") or 0), self.outbox.last_number
        if seen > own:
            self.outbox.continue_from(seen)
            self.note(
                f"1С восстановлена из копии: Посредник принял № {seen}, в базе № {own}. Продолжаем с № {seen + 1}",
                ok=False,
            )

    async def _send(self, message: dict[str, Any]) -> float:
        answer = await self.client.post(MESSAGES, message["body"], MESSAGE_TIMEOUT_S)
        if self.outbox.switches.take("lose_answers"):
            raise NoAnswer("ответ на сообщение потерян по дороге (переключатель)")
        if answer.status == 200:
            self._taken(message, answer)
            return 0.0
        if answer.status == 429 or answer.status >= 500:
            return self._later(answer.words, answer.retry_after_s)
        if answer.status == 409 and self._restored(message, answer):
            return 0.0
        self._stop(answer)
        return IDLE_S

    async def _send_again(self, message: dict[str, Any]) -> float:
        """The same bytes once more, although they were acknowledged: the service was restored from a copy."""
        answer = await self.client.post(MESSAGES, message["body"], MESSAGE_TIMEOUT_S)
        if answer.status == 200:
            with self.outbox.store.tx():
                for result in answer.body.get("commands") or []:
                    self.outbox.record_result(result, via="message")
                again.passed(self.outbox.store, message)
            self._failures, self.last_error = 0, ""
            self.note(_sentence(message["number"], answer.body) + ", снова")
            return 0.0
        if answer.status == 429 or answer.status >= 500:
            return self._later(answer.words, answer.retry_after_s)
        self._stop(answer)
        return IDLE_S

    def _taken(self, message: dict[str, Any], answer: Answer) -> None:
        self.outbox.acknowledge(message, answer)
        self._failures, self.last_error = 0, ""
        self.bound.set()
        digests.after_load(self.outbox.store, self.outbox.offset_h)
        self.note(_sentence(message["number"], answer.body), ok=not answer.body.get("quarantined"))

    def _restored(self, message: dict[str, Any], answer: Answer) -> bool:
        """A number used with other content: this base was restored. Go on after the last accepted number."""
        seen = int(answer.body.get("last_accepted") or 0)
        if answer.body.get("code") != "message_conflict" or seen < message["number"]:
            return False
        self.outbox.continue_from(seen)
        self.note(
            f"Сообщение № {message['number']} не принято: под этим номером уже было другое. Продолжаем с № {seen + 1}",
            ok=False,
        )
        return True

    def _later(self, why: str, retry_after_s: float | None) -> float:
        self._failures += 1
        self.last_error = why
        pause = retry_after_s if retry_after_s is not None else pause_after(self._failures)
        waiting = self.outbox.on_its_way()
        if waiting is not None:
            self.outbox.failed_attempt(waiting, why)
        self.note(f"1С не может отправить: {why}. Повтор через {_seconds(pause)}", ok=False, merge="sender-later")
        return pause

    def _stop(self, answer: Answer) -> None:
        self.stopped = STOPPING.get(str(answer.body.get("code")), f"Посредник отказал: {answer.words}")
        self.last_error = self.stopped
        waiting = self.outbox.on_its_way()
        if waiting is not None:
            self.outbox.failed_attempt(waiting, self.stopped)
        self.note(f"Обмен 1С остановлен. {self.stopped}", ok=False)

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return


def _seconds(pause: float) -> str:
    return f"{pause:.1f}".replace(".", ",").removesuffix(",0") + " с"


def _sentence(number: int, body: dict[str, Any]) -> str:
    objects = body.get("objects") or {}
    parts = [f"объектов {sum(int(count) for count in objects.values())}"] if any(objects.values()) else []
    if body.get("commands"):
        parts.append(f"команд {len(body['commands'])}")
    if body.get("quarantined"):
        parts.append(f"в карантине {len(body['quarantined'])}")
    what = ", ".join(parts) or "пусто"
    taken = "уже было принято, учтено один раз" if body.get("status") == "duplicate" else "принято"
    return f"1С → Посредник: сообщение № {number} {taken} ({what})"
