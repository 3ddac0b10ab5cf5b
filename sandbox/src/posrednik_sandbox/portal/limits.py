"""How much a portal allows: requests per source address, execution time per method, seconds per request.

Source: settings/performance/limits.md of the official REST documentation, 2026-07-21.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field

from posrednik_sandbox.portal.errors import RestError

WINDOW_S = 600
MINUTE_S = 60


@dataclass(frozen=True)
class Tariff:
    """A bucket that drains `drain_per_s` requests a second and refuses above `threshold`; none on a box."""

    drain_per_s: float
    threshold: int
    operating_limit_s: float | None = 480.0


TARIFFS: dict[str, Tariff | None] = {
    "standard": Tariff(2.0, 50),
    "enterprise": Tariff(5.0, 250),
    "box": None,
}

# What app.info says of the tariff.
LICENCES: dict[str, dict[str, str]] = {
    "standard": {"LICENSE": "ru_std", "LICENSE_TYPE": "std", "LICENSE_FAMILY": "std"},
    "enterprise": {"LICENSE": "ru_ent250", "LICENSE_TYPE": "ent250", "LICENSE_FAMILY": "ent"},
    "box": {"LICENSE": "ru_selfhosted", "LICENSE_TYPE": "selfhosted", "LICENSE_FAMILY": "selfhosted"},
}

# Seconds a call takes, after the samples in the documentation of each method; two numbers are the least and the most.
DOCS_LATENCY: dict[str, float | tuple[float, float]] = {
    "tasks.task.add": 0.96,
    "tasks.task.update": 1.18,
    "tasks.task.list": (0.1, 0.4),
    "tasks.task.get": 0.1,
    "tasks.task.start": 0.27,
    "tasks.task.pause": 0.27,
    "tasks.task.defer": 0.27,
    "tasks.task.complete": 0.27,
    "tasks.task.renew": 0.27,
    "tasks.task.delegate": 0.27,
    "tasks.task.delete": 0.26,
    "tasks.task.files.attach": 0.42,
    "tasks.task.file.attach": 0.42,
    "tasks.task.chat.message.send": 0.3,
    "task.stages.movetask": 0.27,
    "task.stages.get": 0.1,
    "task.commentitem.add": 0.3,
    "task.checklistitem.add": 0.27,
    "task.checklistitem.complete": 0.1,
    "task.checklistitem.renew": 0.1,
    "task.checklistitem.getlist": 0.1,
    "disk.storage.getlist": 0.24,
    "disk.storage.uploadfile": 0.71,
    "disk.folder.getchildren": 0.32,
    "disk.folder.addsubfolder": 0.9,
    "disk.folder.uploadfile": (0.4, 0.7),
    "disk.file.get": 1.0,
    "disk.file.delete": 0.5,
    "im.message.add": 0.09,
    "im.dialog.messages.get": 0.1,
    "im.notify.personal.add": 0.1,
    "pull.application.push.add": 0.29,
    "user.get": 0.1,
    "user.current": 0.02,
}
LATENCY: dict[str, dict[str, float | tuple[float, float]]] = {"off": {}, "docs": DOCS_LATENCY}


def has_extended(tariff: str) -> bool:
    """Whether offline events can be acknowledged and sources told apart on this tariff."""
    return tariff != "standard"


@dataclass
class Bucket:
    level: float = 0.0
    at: float = 0.0

    def admit(self, tariff: Tariff, now: float) -> bool:
        self.level = max(0.0, self.level - (now - self.at) * tariff.drain_per_s)
        self.at = now
        if self.level + 1 > tariff.threshold:
            return False
        self.level += 1
        return True


@dataclass
class Spent:
    """Execution seconds of one method of one webhook, in minutes of `(seconds, first call at)`."""

    minutes: dict[int, tuple[float, float]] = field(default_factory=dict)

    def add(self, seconds: float, now: float) -> None:
        minute = int(now // MINUTE_S)
        total, first = self.minutes.get(minute, (0.0, now))
        self.minutes[minute] = (total + seconds, first)

    def total(self, now: float) -> float:
        self.minutes = {key: row for key, row in self.minutes.items() if row[1] + WINDOW_S > now}
        return sum(seconds for seconds, _ in self.minutes.values())

    def reset_at(self, now: float) -> int:
        """When the oldest minute is forgotten, unix seconds."""
        return int(min((first for _, first in self.minutes.values()), default=now) + WINDOW_S)


class Limits:
    """The switches of a portal's limits, and what has been used of them.

    `time_limit_s` ends a request by force. `latency` is a name in LATENCY; its seconds times `wait_scale`
    are waited, times `charge_scale` are charged to the method, so that budgets can be tried quickly.
    """

    def __init__(self, tariff: str = "standard") -> None:
        self.set_tariff(tariff)
        self.time_limit_s = 60.0
        self.latency = "off"
        self._rng = random.Random(0)
        self.wait_scale = 1.0
        self.charge_scale = 1.0
        self._buckets: dict[str, Bucket] = defaultdict(Bucket)
        self._spent: dict[tuple[str, str], Spent] = defaultdict(Spent)

    def set_tariff(self, name: str) -> None:
        """Raises KeyError for an unknown tariff."""
        tariff = TARIFFS[name]
        self.tariff = name
        self.operating_limit_s = tariff.operating_limit_s if tariff else None

    def admit(self, address: str, now: float) -> None:
        """Count one HTTP request of a source address; RestError QUERY_LIMIT_EXCEEDED above the threshold."""
        tariff = TARIFFS[self.tariff]
        if tariff is not None and not self._buckets[address].admit(tariff, now):
            raise query_limit()

    def check_operating(self, principal: str, method: str, now: float) -> None:
        """Before a call: the call that crosses the limit finishes, only the next one is refused."""
        if self.operating_limit_s is None:
            return
        if self._spent[principal, method].total(now) >= self.operating_limit_s:
            raise operation_limit()

    def charge(self, principal: str, method: str, seconds: float, now: float) -> tuple[float, int]:
        """Add execution time; gives what is accumulated and when the oldest minute drops."""
        spent = self._spent[principal, method]
        spent.add(seconds, now)
        return spent.total(now), spent.reset_at(now)

    def cost_s(self, method: str) -> float:
        cost = LATENCY[self.latency].get(method, 0.0)
        return self._rng.uniform(*cost) if isinstance(cost, tuple) else cost

    def levels(self, now: float) -> dict[str, float]:
        """Requests still counted per source address."""
        tariff = TARIFFS[self.tariff]
        drain = tariff.drain_per_s if tariff else 0.0
        return {
            address: round(max(0.0, bucket.level - (now - bucket.at) * drain), 1)
            for address, bucket in self._buckets.items()
        }

    def operating(self, now: float) -> dict[str, float]:
        """Seconds spent per method over all webhooks."""
        sums: dict[str, float] = defaultdict(float)
        for (_, method), spent in self._spent.items():
            sums[method] += round(spent.total(now), 3)
        return dict(sums)

    def forget(self) -> None:
        self._buckets.clear()
        self._spent.clear()


def query_limit() -> RestError:
    return RestError("QUERY_LIMIT_EXCEEDED", "Too many requests", 503)


def operation_limit() -> RestError:
    return RestError("OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", 429)


def overload() -> RestError:
    return RestError("OVERLOAD_LIMIT", "REST API is blocked due to overload.", 503)
