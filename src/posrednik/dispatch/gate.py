"""The last look before bytes leave: waiting for the limiter may have used up what allowed us to send."""

from collections.abc import Callable

from posrednik.connectors.base import Gate, Held

AGAIN_S = 0.1


class GuardedGate:
    """A `Gate` that, after the wait of another, asks `stop` once more; a reason makes the call `Held`."""

    def __init__(self, gate: Gate, stop: Callable[[], str]) -> None:
        self._gate, self._stop = gate, stop

    async def enter(self, method: str) -> None:
        await self._gate.enter(method)
        why = self._stop()
        if why:
            raise Held("отправка отложена до следующего захода", AGAIN_S, why)

    def pause(self, method: str, seconds: float, why: str) -> None:
        self._gate.pause(method, seconds, why)

    def slow_down(self, seconds: float) -> None:
        self._gate.slow_down(seconds)
