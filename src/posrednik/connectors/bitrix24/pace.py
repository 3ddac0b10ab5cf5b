"""How long the portal takes over each command, so that no batch is longer than one request may last there."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from posrednik.connectors.bitrix24.inbound import Answer, Problem

# Of the time after which the portal cuts a request; the rest is for commands that take longer than the last ones.
SHARE = 2 / 3


class Pace:
    """limit_s: the portal cuts a request after it. What was never measured is taken for quick."""

    def __init__(self, limit_s: float) -> None:
        self.room_s = limit_s * SHARE
        self._limit_s = limit_s
        self._known: dict[str, float] = {}

    def seconds(self, method: str) -> float:
        """What one command of it takes."""
        return self._known.get(method, 0.0)

    def learn(self, methods: Mapping[str, str], answers: Mapping[str, Answer | Problem], took_s: float) -> None:
        """methods: of the commands of one batch by label. took_s: from its first byte to its answer, or to giving up.

        A batch that was cut is taken for twice as long as allowed, so that the next ones are a third of it.
        """
        told: dict[str, list[float]] = defaultdict(list)
        for label, method in methods.items():
            answer = answers[label]
            if isinstance(answer, Answer) and answer.took_s is not None:
                told[method].append(answer.took_s)
        self._known |= {method: sum(each) / len(each) for method, each in told.items()}
        if took_s >= self.room_s and not told:
            self._was_cut(methods.values())

    def _was_cut(self, methods: Collection[str]) -> None:
        least = 2 * self._limit_s / len(methods)
        self._known |= {method: max(least, self.seconds(method)) for method in methods}
