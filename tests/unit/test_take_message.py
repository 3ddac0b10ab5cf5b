"""What a message does before it is taken."""

from uuid import uuid4

from posrednik.store.commands import Stored
from posrednik.store.mirror import State
from posrednik.usecases.exchange_guard import Sender
from posrednik.usecases.take_message import Message
from posrednik.usecases.take_objects import Arrived


def test_a_message_moves_to_the_epoch_that_began_while_it_was_being_read():
    state = State("product", str(uuid4()), "1", b"", (1, 7, 0), False, True, None, "{}")
    message = Message(Sender(uuid4(), uuid4(), "a"), 1, 7, b"", b"", 2)
    message.arrived.append(Arrived(state))
    message.commands.append(Stored(uuid4(), "delivery.ready", b"", uuid4(), {}, (1, 7, 10_000)))
    message.move_to(2)
    assert message.epoch_no == 2
    assert [one.state.rank for one in message.arrived] == [(2, 7, 0)]
    assert [one.rank for one in message.commands] == [(2, 7, 10_000)]
