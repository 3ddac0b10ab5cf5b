"""The collector of cycles in a process that lives for months and makes few of them."""

import gc

YOUNG = 50_000


def calm_collector() -> None:
    """Call once a process, when it is built: what exists now stays out of the collector's way, and it looks at the
    young ones seventy times less often than by default. Worth about a twentieth of the time of a worker under load."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
