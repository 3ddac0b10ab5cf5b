"""A word of a person about a delivery, for his colleagues: it goes to no other system."""

from datetime import datetime
from typing import Any
from uuid import UUID

from posrednik.domain.errors import DomainError
from posrednik.kit.ids import uuid7
from posrednik.store import board
from posrednik.store.db import Tx

LONGEST = 2000


class CommentEmpty(DomainError):
    """There is nothing in it, or more than `LONGEST` characters."""

    code = "comment_empty"


async def comment(tx: Tx, delivery_id: UUID, author: str, text: str, now: datetime) -> dict[str, Any]:
    """The comment as it is shown. The delivery is there (the caller has looked). Raises CommentEmpty."""
    said = text.replace("\0", "").strip()
    if not said or len(said) > LONGEST:
        raise CommentEmpty
    made = uuid7()
    await board.comment(tx, made, delivery_id, now, author, said)
    return {"id": str(made), "at": now.isoformat(), "author": author, "text": said}
