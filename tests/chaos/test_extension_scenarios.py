"""The acceptance scenarios of the exchange with 1C once more, with the extension's own code in the base.

The sandbox's process is `tests.onec_base`: its people, documents and pages are the sandbox's, and everything that goes
to the service and comes from it is done by the modules of onec/extension.
"""

import sqlite3
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.chaos.scenario_extension import ExtensionStage
from tests.chaos.scenario_stage import Stage
from tests.chaos.test_onec_scenarios import (  # noqa: F401 - the scenarios themselves
    FIRST_ORDERS,
    test_1_an_order_is_delivered_paid_and_becomes_a_cash_receipt_in_1c,
    test_2_goods_go_out_are_sold_come_back_and_all_books_agree,
    test_3_after_an_hour_without_1c_both_backlogs_drain_in_order,
    test_4_while_the_middleware_is_killed_nothing_is_lost,
    test_5_1c_is_restored_from_yesterday_and_goes_on,
    test_5_a_copied_base_is_refused_and_the_working_one_is_not_disturbed,
    test_6_the_middleware_is_restored_from_yesterday_and_gets_its_day_back,
    test_7_a_poison_object_and_a_poison_event_are_set_aside_and_the_rest_flows,
    test_8_an_old_base_by_xml_ends_in_the_same_state,
    test_9_parallel_duplicates_have_one_effect,
    test_10_the_standard_exchange_with_the_site_goes_on_beside,
    test_edits_after_the_fact_and_a_full_load_end_in_agreement,
)
from tests.system import running

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with running(workers=1, orders=FIRST_ORDERS, kind=ExtensionStage) as system:
        assert isinstance(system, Stage)
        yield system


async def test_5_a_copy_of_the_base_stops_before_its_first_request(stage: Stage) -> None:
    """E-25: the connection string tells it; what is sent by force all the same, the service refuses."""
    told = await stage.drill("other_instance")
    assert (told["stopped"], told["requests"]) == ("copied_base", 0)
    assert (told["status"], told["answer"]["code"]) == (409, "other_instance")


async def test_a_lost_change_of_a_barcode_alone_is_found_and_mended(stage: Stage) -> None:
    """The product's own version stays as it was; what is sent with it makes the difference."""
    await stage.quiet()
    assert set(await stage.digests()) == {"equal"}
    ((ref,),) = stage.base("SELECT ref FROM object WHERE kind = 'product' AND deleted = 0 ORDER BY ref LIMIT 1")
    with sqlite3.connect(f"{stage.folder}/sandbox/onec.sqlite3") as db:
        db.execute(
            "UPDATE object SET data = json_set(data, '$.barcodes', json('[\"4600000000000\"]')) WHERE ref = ?", (ref,)
        )
    assert set(await stage.digests()) == {"equal", "list"}
    await stage.quiet()
    assert set(await stage.digests()) == {"equal"}
    (there,) = await stage.rows("SELECT data -> 'barcodes' AS codes FROM mirror WHERE ref = %s", ref)
    assert there["codes"] == ["4600000000000"]
