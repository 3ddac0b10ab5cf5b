"""Figures of days must be the sums of their events, and their money the ledger's: once an hour for the last days."""

from datetime import datetime, timedelta

from posrednik.kit import metrics
from posrednik.kit.log import get_logger
from posrednik.store import figures, lags
from posrednik.store.db import Database

log = get_logger("checks")
CHECK = "figures"
DAYS = timedelta(days=40)
EVENTS = 50_000  # of the last so many it is asked whether they are counted


async def check_figures(db: Database, now: datetime) -> None:
    """Logs `check.failed` for what does not agree. `posrednik figures check` looks at all days."""
    last = await figures.last_place(db)
    rows = await figures.check(db, (now - DAYS).date(), last - EVENTS)
    metrics.CHECKS.labels(CHECK).set(len(rows))
    if rows:
        await lags.count_most(db, "checks", len(rows))
    for row in rows:
        log.error("check.failed", check=CHECK, subject=row.subject, what=row.what)
