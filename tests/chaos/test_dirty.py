"""E-06, E-30 to E-33: two thousand dirty objects by the message channel of real processes (a hundred thousand:
`./run bench dirty`)."""

from pathlib import Path

import pytest
from bench import dirty

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]


@pytest.mark.parametrize("encoding", ["json", "xml"])
def test_each_dirty_object_ends_where_it_was_foretold_and_nothing_goes_wrong(
    database: str, tmp_path: Path, encoding: str
) -> None:
    found = dirty.exchange(tmp_path, database, dirty.QUICK, encoding)
    assert (found.wrong, found.unhandled) == ([], [])
    assert found.objects == dirty.QUICK == sum(found.fates.values())
    reasons = {"missing_ref", "missing_field", "unreadable_value", "unknown_kind"}
    assert {"applied", "waiting", *(f"quarantined {code}" for code in reasons)} == set(found.fates)
