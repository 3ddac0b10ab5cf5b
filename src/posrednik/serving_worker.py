"""The worker process."""

import asyncio

from posrednik import bootstrap, bootstrap_watch, bootstrap_worker
from posrednik.config import Settings, summary
from posrednik.kit import loop, metrics
from posrednik.kit.http import Sessions
from posrednik.kit.log import get_logger
from posrednik.kit.memory import calm_collector
from posrednik.serving import needs_dsn, until_asked_to_stop

log = get_logger("serving")


def run_worker(settings: Settings) -> None:
    dsn = needs_dsn(settings)
    log.info("worker.starting", settings=summary(settings))
    loop.run(_work(settings, dsn))


async def _work(settings: Settings, dsn: str) -> None:
    db, sessions = bootstrap.database(settings, dsn), Sessions()
    await db.open()
    worker = bootstrap_worker.worker(settings, db, sessions)
    calm_collector()
    await worker.start()
    shown = await metrics.listen(settings.dispatch.metrics_listen) if settings.dispatch.metrics_listen else None
    beside = [bootstrap_worker.housekeeper(settings, db, sessions, worker).run()]
    beside += [pusher.run() for pusher in bootstrap_worker.pushers(settings, db, sessions)]
    beside.append(bootstrap_worker.loader(settings, db, sessions).run())
    beside.append(bootstrap_watch.watch_always(settings, db, sessions, worker.id))
    tasks = [asyncio.create_task(one) for one in beside]
    await until_asked_to_stop()
    if shown is not None:
        await shown.cleanup()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await worker.stop(settings.dispatch.grace_s)
    await sessions.close()
    await db.close()
