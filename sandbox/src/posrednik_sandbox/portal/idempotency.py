"""`Idempotency-Key` of REST v3: a repeat within a day gets the stored answer.

Source: api-reference/rest-v3.md of the official documentation, 2026-08.
"""

import hashlib
from dataclasses import dataclass

from posrednik_sandbox.portal.errors import V3Error
from posrednik_sandbox.portal.tables import Journal

KEPT_S = 24 * 3600
LONGEST = 255


@dataclass
class Answer:
    """A successful answer as it was sent; `request` is a hash of the body it answers."""

    request: str
    body: str
    at: float


class IdempotencyStore:
    """Answers by (webhook, user, method, key). Only success is stored."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        saved = journal.saved.get("idempotency", {})
        self._answers = {key: Answer(**row) for key, row in saved.items()}

    def __len__(self) -> int:
        return len(self._answers)

    def find(self, scope: str, key: str, body: bytes, now: float) -> str | None:
        """The stored answer. V3Error IDEMPOTENCYKEYREUSED (422) when the body is another."""
        answer = self._answers.get(f"{scope}:{key}")
        if answer is None:
            return None
        if answer.at + KEPT_S <= now:
            self._forget(f"{scope}:{key}")
            return None
        if answer.request != _digest(body):
            raise V3Error("IDEMPOTENCYKEYREUSED", "The idempotency key was used with another request", 422)
        return answer.body

    def keep(self, scope: str, key: str, body: bytes, answer: str, now: float) -> None:
        row = Answer(_digest(body), answer, now)
        self._answers[f"{scope}:{key}"] = row
        self._journal.note("idempotency", f"{scope}:{key}", vars(row))

    def _forget(self, full_key: str) -> None:
        del self._answers[full_key]
        self._journal.note("idempotency", full_key, None)


def checked_key(key: str) -> str:
    """V3Error INVALIDIDEMPOTENCYKEY (400) unless 1 to 255 printable ASCII characters."""
    if not 1 <= len(key) <= LONGEST or not all(" " <= letter <= "~" for letter in key):
        raise V3Error("INVALIDIDEMPOTENCYKEY", "The idempotency key must be 1-255 printable ASCII characters")
    return key


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
