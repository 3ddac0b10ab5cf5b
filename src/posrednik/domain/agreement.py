"""Does a backpack agree with what 1C has in the courier's warehouse? Pure. See docs/subsystems/ledgers.md."""

from collections.abc import Mapping

from posrednik.domain.changes import Contradiction, found
from posrednik.domain.goods import Names
from posrednik.domain.shifts import Key

Milli = Mapping[Key, int]


def disagreement(
    *, who: str, ours: Milli, theirs: Milli, missing: Milli, surplus: Milli, names: Names
) -> Contradiction | None:
    """`does_not_agree` with every product that differs, in thousandths; None = all agree.

    ours: the backpack by the ledger. theirs: 1C's stock; what it does not name is 0. missing, surplus: what counts have
    found too little and too much, and nobody has decided yet; that was told then, and 1C may or may not have booked it.
    """
    differ = [
        {"goods": names.of(key), "product": key[0], "characteristic": key[1], "have_milli": here, "base_milli": there}
        for key in dict.fromkeys((*ours, *theirs))
        for here, there in [(ours.get(key, 0), theirs.get(key, 0))]
        if not here - surplus.get(key, 0) <= there <= here + missing.get(key, 0)
    ]
    return found("does_not_agree", who=who, disagree=differ) if differ else None
