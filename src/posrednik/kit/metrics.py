"""Prometheus metrics; their table is docs/subsystems/observability.md (a test compares)."""

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from aiohttp import web

REGISTRY = CollectorRegistry()
_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300)

ATTEMPTS = Counter("posrednik_dispatch_attempts_total", "Attempts to send, by result", ["destination", "outcome"],
                   registry=REGISTRY)  # fmt: skip
ATTEMPT_SECONDS = Histogram("posrednik_dispatch_attempt_seconds", "Time of one attempt", ["destination"],
                            buckets=_SECONDS, registry=REGISTRY)  # fmt: skip
RESCUED = Counter("posrednik_dispatch_rescued_lanes_total", "Lanes taken back from workers that died",
                  registry=REGISTRY)  # fmt: skip
INTAKE = Counter("posrednik_intake_messages_total", "Messages from 1C, by answer", ["base", "status"],
                 registry=REGISTRY)  # fmt: skip
INTAKE_OBJECTS = Counter("posrednik_intake_objects_total", "Objects from 1C, by what became of them",
                         ["base", "became"], registry=REGISTRY)  # fmt: skip
LOAD_ROWS = Counter("posrednik_load_rows_total", "Rows read by first loads, by what became of them", ["base", "became"],
                    registry=REGISTRY)  # fmt: skip
COMMANDS = Counter("posrednik_commands_total", "Commands from 1C, by type and status", ["type", "status"],
                   registry=REGISTRY)  # fmt: skip
OWNERSHIP_REFUSED = Counter("posrednik_ownership_refused_total", "Writes to fields of other owners that were refused",
                            ["kind", "field", "system"], registry=REGISTRY)  # fmt: skip
REQUESTS = Histogram("posrednik_http_request_seconds", "Requests served", ["method", "route", "status"],
                     buckets=_SECONDS, registry=REGISTRY)  # fmt: skip
ENTRIES = Counter("posrednik_courier_entries_total", "Couriers at the doors, by what became of it", ["door", "result"],
                  registry=REGISTRY)  # fmt: skip
SIGN_INS = Counter("posrednik_sign_ins_total", "People of the office at the doors, by what became of it",
                   ["door", "result"], registry=REGISTRY)  # fmt: skip
PORTAL_RENEWALS = Counter("posrednik_portal_renewals_total", "Renewals of the application's tokens, by result",
                          ["result"], registry=REGISTRY)  # fmt: skip
PORTAL_EVENTS = Counter("posrednik_portal_events_total", "Calls at the door of the portal's events", ["result"],
                        registry=REGISTRY)  # fmt: skip
PORTAL_LOOKS = Counter("posrednik_portal_looks_total", "Tasks looked at in the portal, by what became", ["became"],
                       registry=REGISTRY)  # fmt: skip
WAITING = Gauge("posrednik_dispatch_waiting_messages", "Messages not yet delivered", ["destination"], registry=REGISTRY)
OLDEST = Gauge("posrednik_dispatch_oldest_seconds", "Age of the oldest message not yet delivered", ["destination"],
               registry=REGISTRY)  # fmt: skip
DEAD = Gauge("posrednik_dispatch_dead_letters", "Messages that a person must decide about", ["destination"],
             registry=REGISTRY)  # fmt: skip
BREAKER = Gauge("posrednik_dispatch_breaker_open", "1 while the breaker is not closed", ["destination"],
                registry=REGISTRY)  # fmt: skip
CHECKS = Gauge("posrednik_check_failures", "Rows that break what must always be true", ["check"], registry=REGISTRY)
PHOTOS = Counter("posrednik_photos_total", "Photos sent to us, by what became of them", ["became"], registry=REGISTRY)
BOARD_VIEWERS = Gauge("posrednik_board_viewers", "Boards that are open and told of every change", registry=REGISTRY)
ALARMS = Gauge("posrednik_alarms", "1 for each alarm that stands", ["code", "subject"], registry=REGISTRY)
QUARANTINED = Gauge("posrednik_intake_quarantined_objects", "Objects in quarantine", registry=REGISTRY)


def render() -> bytes:
    """The text format of Prometheus."""
    return generate_latest(REGISTRY)


async def listen(address: str) -> "web.AppRunner":
    """Serve `/metrics` of a process that has no other door, on loopback only. The caller cleans the runner up."""
    from aiohttp import web  # a server that most processes do not have

    host, _, port = address.rpartition(":")
    if host not in ("127.0.0.1", "localhost", "::1", "[::1]"):
        raise ValueError(f"metrics are shown on loopback only, not on {host}")

    async def show(_: web.Request) -> web.Response:
        return web.Response(body=render(), content_type="text/plain")

    app = web.Application()
    app.router.add_get("/metrics", show)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host.strip("[]"), int(port)).start()
    return runner
