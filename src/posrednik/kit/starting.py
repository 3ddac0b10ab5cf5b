"""To be imported before anything large: while a process starts it makes much that stays, and the collector of cycles
would look at all of it again and again, a tenth of the time of a start. See also calm_collector."""

import gc

from posrednik.kit.memory import YOUNG

gc.set_threshold(YOUNG, 20, 20)
