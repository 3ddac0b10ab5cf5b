"""The contenders by name; each is imported only where it runs."""

from importlib import import_module

from bench.contenders.base import Contender

NAMES = {
    "posrednik": "bench.contenders.ours:Ours",
    "pgqueuer": "bench.contenders.pgqueuer_:PgQueuerContender",
    "procrastinate": "bench.contenders.procrastinate_:ProcrastinateContender",
    "floor": "bench.contenders.floor:Floor",
}


def contender(name: str) -> Contender:
    module, _, attribute = NAMES[name].partition(":")
    made: Contender = getattr(import_module(module), attribute)()
    return made
