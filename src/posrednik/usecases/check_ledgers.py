"""Are the ledgers whole, and put in order what can be: docs/subsystems/ledgers.md, "In the database"."""

from dataclasses import dataclass

from posrednik.kit.log import get_logger
from posrednik.store import journal, ledger, upkeep
from posrednik.store.db import Database, Row, Tx
from posrednik.store.journal import Entry

log = get_logger("ledgers")
CHECKS = ("check_ledger_sums", "check_ledger_balances", "check_ledger_deliveries")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """events: that were looked at. posted: of them not in the books before. balances: that were not the sum of their
    postings."""

    events: int
    posted: int
    balances: int


async def differing(db: Database) -> list[Row]:
    """What is not as it must be: subject, what."""
    return [row for query in CHECKS for row in await upkeep.check(db, query)]


async def rebuild(db: Database, who: str) -> Rebuilt:
    """Post what old events have not posted, and sum all balances up anew. May run beside live traffic, and again."""
    before = await ledger.posted_events(db)
    events = await ledger.rebuild(db)
    posted = await ledger.posted_events(db) - before

    async def work(tx: Tx) -> Rebuilt:
        done = Rebuilt(events, posted, await ledger.renew_balances(tx))
        summary = f"книги пересчитаны ({who}): добавлено событий {posted}, исправлено остатков {done.balances}"
        await journal.add(tx, [Entry("action", "office", "done", summary, "ledgers_rebuilt")])
        return done

    done = await db.transact(work)
    log.info("ledgers.rebuilt", events=done.events, posted=done.posted, balances=done.balances)
    return done
