"""Faults of the emulated base that a person or a test turns on (facts E-20 to E-24, E-30, E-31, E-41)."""

from dataclasses import dataclass

from posrednik_sandbox.onec.changeable import Changeable


@dataclass(slots=True)
class Switches(Changeable):
    """Numbers count down by one at each use; 0 = off."""

    fail_writes: int = 0  # the write transaction breaks before its commit (E-20)
    lose_answers: int = 0  # the sender behaves as if the answer to a message never came (E-22)
    lose_command_answers: int = 0  # the same for a button
    crash_before_ack: int = 0  # a batch is applied, then the base dies before it acknowledges (E-41)
    reject_type: str = ""  # events of this type are refused; "*" = all
    reject_retry: bool = False  # the refusal asks to give the event again
    slow_apply_s: float = 0.0  # pause before the events of a batch are applied
    double_press: bool = False  # each button is pressed twice at the same moment
    odd_values: bool = False  # decimals with comma and NBSP, «Да»/«Нет», zero GUID, empty date (E-30, E-31)
    bom: bool = False  # the body starts with a byte order mark
    send_documents: bool = True  # documents made from events come back as objects (echo)
    control_stock: bool = False  # a document of an event that would leave less than no goods is not posted
    push_faults: int = 0  # so many pushes are answered with `push_status`
    push_status: int = 503  # 401, 403, 404, 409, 422, 423, 500 (a page) or 503
    push_slow_s: float = 0.0  # pause before a pushed batch is looked at
    skip_loading: bool = False  # the outbox leaves at once when somebody else loads data, as v8std 773 wants it
    site_exchange_s: float = 0.0  # the standard exchange with the site rewrites orders every so many seconds
    no_detail: bool = False  # a base that compares slices and can list none
    hold_sender: bool = False  # the scheduled job does not start: everything stays in the queue
