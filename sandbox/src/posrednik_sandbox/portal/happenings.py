"""What has happened to a task, whoever did it: what an application's events are made of."""

from dataclasses import dataclass

ADDED, UPDATED, DELETED, COMMENTED = "ONTASKADD", "ONTASKUPDATE", "ONTASKDELETE", "ONTASKCOMMENTADD"


@dataclass(frozen=True)
class Happening:
    """`event` is a name of this file, `user_id` who did it, `message_id` the line of the task's chat (else 0)."""

    event: str
    task_id: int
    user_id: int
    message_id: int = 0
