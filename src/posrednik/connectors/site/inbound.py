"""Answer of a receiver -> outcome, pure."""

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from posrednik.connectors.base import Accepted, Outcome, Refused, TryLater
from posrednik.connectors.site import wire
from posrednik.kit.http import Failure

GONE = 410
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_ACCEPTED = {status: Accepted(status=status) for status in range(200, 300)}


def outcome(status: int, retry_after: str | None, answer: str, now_s: float) -> Outcome:
    """What an answer means; only 2xx is success, and redirects are not followed (Standard Webhooks 1.0.0).

    3xx and 4xx go by the retry schedule and are not refused: receivers are wrongly configured for hours and
    then mended, and the schedule is made to outlast that. 410 alone ends the subscription.
    answer: what the receiver wrote, already fit for the journal. now_s: Unix time, for a date in Retry-After.
    """
    if 200 <= status < 300:
        return _ACCEPTED[status]
    said = f"приёмник ответил {status}" + (f": {answer}" if answer else "")
    if status == GONE:
        return Refused(said + "; он больше не хочет получать события", "gone", disable=True, status=status)
    after = pause(retry_after, now_s) if status in wire.THROTTLING else None
    if status == 429 and after is not None:
        return TryLater(said, wire.CODES[429], after_s=after, scope="destination", free=True, status=status)
    if 300 <= status < 400:
        return TryLater(said + "; переадресация не выполняется, исправьте адрес подписки", "redirect", status=status)
    if status >= 500:
        return TryLater(said, f"http_{status}", after_s=after, fault=True, status=status)
    return TryLater(said, wire.CODES.get(status, f"http_{status}"), after_s=after, status=status)


def readable(answer: str) -> str:
    """What a person reads: many shops write JSON with every Russian letter as `\\u043c`."""
    return _ESCAPED.sub(lambda found: str(json.loads(f'"{found[0]}"')), answer)


def failure(cause: Failure) -> TryLater:
    """A call without an answer.

    Also when bytes had left this is not `Unclear`: the receiver knows repeats by `webhook-id`, which the
    convention obliges it to do, so sending again is safe at once and no look-up exists. A closed address
    (private network) says nothing about the health of the receiver.
    """
    return TryLater(cause.why, cause.code, fault=cause.code not in ("private_address", "bad_address"))


def pause(retry_after: str | None, now_s: float) -> float | None:
    """Seconds asked for by `Retry-After` (number or HTTP date) within limits; None if it says nothing."""
    if not retry_after:
        return None
    low, high = wire.RETRY_AFTER_LIMITS_S
    seconds = _seconds(retry_after.strip(), now_s)
    return None if seconds is None else min(max(seconds, low), high)


def _seconds(text: str, now_s: float) -> float | None:
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - datetime.fromtimestamp(now_s, UTC).timestamp()
