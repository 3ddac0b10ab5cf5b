"""The ledger of the portal that is kept in the database."""

from collections.abc import Sequence
from datetime import UTC, datetime

from posrednik.config import Settings
from posrednik.connectors.bitrix24.meter import LIMIT_S, Health, Ledger, Use
from posrednik.kit.log import get_logger
from posrednik.store import portal_limits
from posrednik.store.db import Database, StoreError

log = get_logger("bitrix24")


def meter(settings: Settings, db: Database, destination_id: int) -> Ledger:
    """What the portal's answers teach of its limits. A box of one's own, which nobody limits, has no budget either."""

    async def save(uses: Sequence[Use], health: Health) -> None:
        stopped_at = _at(health.stopped_at)
        told = {"ok_at": _at(health.ok_at), "stopped_at": stopped_at, "code": health.code, "why": health.why}
        try:
            await portal_limits.note(db, destination_id, [_row(use) for use in uses], told)
        except StoreError as error:
            log.info("portal.not_noted", error=str(error))

    return Ledger(save, limit_s=LIMIT_S if settings.bitrix24.calls_per_second > 0 else None)


def _row(use: Use) -> dict[str, object]:
    return {
        "method": use.method, "calls": use.calls, "refused": use.refused, "operating_s": use.operating_s,
        "reset_at": _at(use.reset_at), "limit_s": use.limit_s, "learned_at": _at(use.learned_at),
        "last_code": use.last_code, "last_at": _at(use.last_at),
    }  # fmt: skip


def _at(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
