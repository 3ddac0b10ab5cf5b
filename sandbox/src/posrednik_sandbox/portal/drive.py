"""The Disk of a portal: storages, folders, files, and files hung on tasks."""

from posrednik_sandbox.portal.errors import RestError, core
from posrednik_sandbox.portal.model import Attachment, DiskObject, Storage, Task
from posrednik_sandbox.portal.portal import Portal

COMMON, GROUP, USER, APP = "common", "group", "user", "restapp"
# A Disk that is slow, after what a project of the field measured.
FASTEST_S, SLOWEST_S, FAILURES = 0.08, 3.5, 0.05


def slowness_s(portal: Portal, method: str) -> float | None:
    """Seconds a call of the Disk takes while the fault `disk_slow` is on; None for any other call."""
    fault = portal.faults.strikes("disk_slow", method) if method.startswith("disk.") else None
    return None if fault is None else portal.rng.uniform(FASTEST_S, fault.seconds or SLOWEST_S)


def may_fail(portal: Portal) -> None:
    """What one call in twenty of a slow Disk ends with, before anything is done: RestError 503."""
    if portal.rng.random() < FAILURES:
        raise RestError("INTERNAL_SERVER_ERROR", "Internal server error", 503)


def storage_of(portal: Portal, entity_type: str, entity_id: str, name: str) -> Storage:
    """The storage of a user, a project, the company or an application; made when it is first asked for."""
    for storage in portal.storages:
        if (storage.entity_type, storage.entity_id) == (entity_type, entity_id):
            return storage
    storage = Storage(portal.storages.next_id(), entity_type, entity_id, name, 0)
    root = _new(portal, storage.id, 0, name, 1, folder=True)
    storage.root_id = root.id
    return portal.storages.put(storage)


def all_storages(portal: Portal) -> list[Storage]:
    """The common one, those of people and of projects, by id."""
    storage_of(portal, COMMON, "shared_files_s1", "Общий диск")
    for user in list(portal.users):
        storage_of(portal, USER, str(user.id), user.full_name)
    for group in list(portal.groups):
        storage_of(portal, GROUP, str(group.id), group.name)
    return sorted(portal.storages, key=lambda row: row.id)


def may_use(portal: Portal, user_id: int, storage: Storage) -> bool:
    """Read and add: one's own, those of one's projects, the common one; administrators all of them."""
    if storage.entity_type in (COMMON, APP) or portal.is_admin(user_id):
        return True
    if storage.entity_type == USER:
        return storage.entity_id == str(user_id)
    group = portal.groups.get(int(storage.entity_id))
    return group is not None and user_id in group.members


def may_open(portal: Portal, user_id: int, row: DiskObject) -> bool:
    storage = portal.storages.get(row.storage_id)
    return storage is not None and may_use(portal, user_id, storage)


def children(portal: Portal, folder_id: int) -> list[DiskObject]:
    return portal.objects.of(folder_id)


def add_folder(portal: Portal, actor_id: int, parent: DiskObject, name: str) -> DiskObject:
    """RestError DISK_OBJ_22000 when the folder has the name already."""
    _must_be_free(portal, parent.id, name)
    return _new(portal, parent.storage_id, parent.id, name, actor_id, folder=True)


def add_file(
    portal: Portal, actor_id: int, folder: DiskObject, name: str, content: bytes, unique: bool = False
) -> DiskObject:
    """RestError DISK_OBJ_22000 when the name is taken, unless `unique` lets the portal add a number to it."""
    if unique:
        name = _free_name(portal, folder.id, name)
    _must_be_free(portal, folder.id, name)
    row = _new(portal, folder.storage_id, folder.id, name, actor_id, size=len(content))
    portal.blobs.put(row.id, content)
    return row


def rename(portal: Portal, actor_id: int, row: DiskObject, name: str) -> DiskObject:
    if row.name.casefold() != name.casefold():
        _must_be_free(portal, row.parent_id, name)
    row.name, row.updated_at, row.updated_by = name, portal.now(), actor_id
    return portal.objects.put(row)


def remove(portal: Portal, row: DiskObject) -> None:
    """For ever, with all that is in it and with its places on tasks."""
    for child in children(portal, row.id):
        remove(portal, child)
    for hung in [one for one in portal.attachments if one.object_id == row.id]:
        detach(portal, hung)
    portal.blobs.drop(row.id)
    portal.objects.drop(row.id)


def attach(portal: Portal, actor_id: int, task: Task, object_id: int | None) -> Attachment:
    """Hang a file on a task; a second time makes a second place. RestError ERROR_CORE without access to the file."""
    row = must_open(portal, actor_id, object_id)
    hung = Attachment(portal.attachments.next_id(), row.id, task.id, portal.now(), actor_id)
    task.files = [*task.files, hung.id]
    return portal.attachments.put(hung)


def must_open(portal: Portal, user_id: int, object_id: int | None) -> DiskObject:
    row = portal.objects.get(object_id)
    if row is None or row.folder or not may_open(portal, user_id, row):
        raise core("Недостаточно прав.<br>")
    return row


def detach(portal: Portal, hung: Attachment) -> None:
    task = portal.tasks.get(hung.task_id)
    if task is not None:
        task.files = [number for number in task.files if number != hung.id]
        portal.tasks.put(task)
    portal.attachments.drop(hung.id)


def attached(portal: Portal, task: Task) -> list[tuple[Attachment, DiskObject]]:
    """What hangs on a task, in the order it was hung."""
    found = [portal.attachments.get(number) for number in task.files]
    rows = [(hung, portal.objects.get(hung.object_id)) for hung in found if hung is not None]
    return [(hung, row) for hung, row in rows if row is not None]


def set_files(portal: Portal, actor_id: int, task: Task, marks: list[str]) -> None:
    """The whole list anew: `n123` hangs a file, the number of a place keeps it, what is not named falls off."""
    kept = {int(mark) for mark in marks if mark.isdecimal()}
    for hung, _ in attached(portal, task):
        if hung.id not in kept:
            detach(portal, hung)
    for mark in marks:
        if mark.startswith("n"):
            attach(portal, actor_id, task, int(mark[1:]) if mark[1:].isdecimal() else None)


def path_of(portal: Portal, row: DiskObject) -> str:
    """Names from the root down, the root itself left out."""
    names = []
    while row.parent_id:
        names.append(row.name)
        parent = portal.objects.get(row.parent_id)
        if parent is None:
            break
        row = parent
    return "/".join(reversed(names))


def _new(
    portal: Portal, storage_id: int, parent_id: int, name: str, actor_id: int, folder: bool = False, size: int = 0
) -> DiskObject:
    row_id, now = portal.objects.next_id(), portal.now()
    row = DiskObject(row_id, storage_id, parent_id, name, folder, now, actor_id, now, actor_id, size)
    row.file_id = 0 if folder else 30_000 + row_id
    return portal.objects.put(row)


def _taken(portal: Portal, folder_id: int) -> set[str]:
    """Names are compared without regard to case, as the portal's database does."""
    return {row.name.casefold() for row in children(portal, folder_id)}


def _must_be_free(portal: Portal, folder_id: int, name: str) -> None:
    if name.casefold() in _taken(portal, folder_id):
        raise RestError("DISK_OBJ_22000", "Папка или файл с таким именем уже есть")


def _free_name(portal: Portal, folder_id: int, name: str) -> str:
    taken = _taken(portal, folder_id)
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, dot + ending) if dot else (name, "")
    candidates = [name, *(f"{stem} ({number}){ending}" for number in range(1, len(taken) + 2))]
    return next(text for text in candidates if text.casefold() not in taken)
