"""`disk.*`: storages, folders, files and what hangs on tasks.

Source: api-reference/disk of the official documentation, 2026-08.
"""

import base64
import binascii
from typing import Any
from urllib.parse import quote

from posrednik_sandbox.portal import drive
from posrednik_sandbox.portal.calls import Call, Handler, Listing, Method, page
from posrednik_sandbox.portal.clock import iso
from posrednik_sandbox.portal.disk_filter import chosen
from posrednik_sandbox.portal.errors import RestError
from posrednik_sandbox.portal.model import DiskObject, Principal, Storage
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.values import Params, as_dict, as_int, as_list, flag

SERVICES = "/rest"


def argument(place: int) -> RestError:
    return RestError("ERROR_ARGUMENT", f"Invalid value of parameter {{Parameter #{place}}}")


def not_found(number: int) -> RestError:
    return RestError("ERROR_NOT_FOUND", f"Could not find entity with id `{number}`")


def denied() -> RestError:
    return RestError("ACCESS_DENIED", "Access denied")


def _id(call: Call) -> int:
    number = as_int(call.any_case("id"))
    if number is None:
        raise argument(0)
    return number


def _object(call: Call, folder: bool) -> DiskObject:
    """The folder or the file of `id`; RestError ERROR_NOT_FOUND, ACCESS_DENIED."""
    number = _id(call)
    row = call.portal.objects.get(number)
    if row is None or row.folder != folder:
        raise not_found(number)
    if not drive.may_open(call.portal, call.who.user_id, row):
        raise denied()
    return row


def _storage(call: Call) -> Storage:
    number = _id(call)
    storage = call.portal.storages.get(number)
    if storage is None:
        raise not_found(number)
    if not drive.may_use(call.portal, call.who.user_id, storage):
        raise denied()
    return storage


def _root(call: Call) -> DiskObject:
    storage = _storage(call)
    root = call.portal.objects.get(storage.root_id)
    if root is None:
        raise not_found(storage.root_id)
    return root


def _name(call: Call) -> str:
    data = {key.upper(): value for key, value in as_dict(call.any_case("data")).items()}
    return str(data.get("NAME") or "").strip()


# Storages.


def storage_row(storage: Storage) -> dict[str, Any]:
    return {
        "ID": str(storage.id),
        "NAME": storage.name,
        "CODE": None,
        "MODULE_ID": "disk",
        "ENTITY_TYPE": storage.entity_type,
        "ENTITY_ID": storage.entity_id,
        "ROOT_OBJECT_ID": str(storage.root_id),
    }


def storages(call: Call) -> Listing:
    """Those the caller may use, without the ones of applications."""
    rows = [
        storage_row(storage)
        for storage in drive.all_storages(call.portal)
        if storage.entity_type != drive.APP and drive.may_use(call.portal, call.who.user_id, storage)
    ]
    found = chosen(rows, as_dict(call.any_case("filter")), as_dict(call.any_case("order")))
    return Listing(*page(found, call.any_case("start")))


def storage_get(call: Call) -> dict[str, Any]:
    return storage_row(_storage(call))


def storage_for_app(call: Call) -> dict[str, Any]:
    if not call.who.client_id:
        raise RestError("ACCESS_DENIED", "Access denied! Application context required")
    if not call.portal.is_admin(call.who.user_id):
        raise denied()
    return storage_row(drive.storage_of(call.portal, drive.APP, call.who.client_id, "bitrix.restapi"))


def storage_types(call: Call) -> list[str]:
    return [drive.USER, drive.COMMON, drive.GROUP]


# Folders and files.


def object_row(portal: Portal, who: Principal, row: DiskObject, fresh: bool = False) -> dict[str, Any]:
    """A folder or a file; `fresh` is the answer to its making, where some numbers are no text."""
    plain = _plain(portal, row, fresh)
    return plain if row.folder else {**plain, "DOWNLOAD_URL": download_url(portal, who, row.id)}


def _plain(portal: Portal, row: DiskObject, fresh: bool = False) -> dict[str, Any]:
    """All of a row but the link, which costs a key each time."""

    def text(number: int) -> Any:
        return number if fresh else str(number)

    common = {
        "ID": text(row.id),
        "NAME": row.name,
        "CODE": None,
        "STORAGE_ID": str(row.storage_id),
        "TYPE": "folder" if row.folder else "file",
        "PARENT_ID": str(row.parent_id) if row.parent_id else None,
        "DELETED_TYPE": text(0),
        "CREATE_TIME": iso(row.created_at),
        "UPDATE_TIME": iso(row.updated_at),
        "DELETE_TIME": None,
        "CREATED_BY": str(row.created_by),
        "UPDATED_BY": str(row.updated_by),
        "DELETED_BY": None if fresh else "0",
        "DETAIL_URL": f"http://{portal.address}/docs/{quote(drive.path_of(portal, row))}",
    }
    if row.folder:
        return {**common, "REAL_OBJECT_ID": text(row.id)}
    numbers = {"GLOBAL_CONTENT_VERSION": text(row.version), "FILE_ID": text(row.file_id)}
    return {**common, **numbers, "SIZE": str(row.size)}


def download_url(portal: Portal, who: Principal, object_id: int) -> str:
    return service_url(portal, who, "download", portal.links.issue(object_id, who.user_id))


def service_url(portal: Portal, who: Principal, service: str, key: str) -> str:
    """Where bytes go; it carries the caller's own secret, as on a real portal, besides the key of this one link."""
    kind, *parts = who.key.split(":")
    inside = f"{parts[0]}/{parts[1]}/{service}.json?" if kind == "webhook" else f"{service}.json?auth={key[-12:]}&"
    return f"http://{portal.address}{SERVICES}/{inside}token={quote(key, safe='')}"


def _listing(call: Call, folder: DiskObject) -> Listing:
    portal, conditions = call.portal, as_dict(call.any_case("filter"))
    rows = [_plain(portal, row) for row in _named(drive.children(portal, folder.id), conditions)]
    found = chosen(rows, conditions, as_dict(call.any_case("order")))
    shown, total, following = page(found, call.any_case("start"))
    linked = [
        row if row["TYPE"] == "folder" else {**row, "DOWNLOAD_URL": download_url(portal, call.who, int(row["ID"]))}
        for row in shown
    ]
    return Listing(linked, total, following)


def _named(rows: list[DiskObject], conditions: Params) -> list[DiskObject]:
    """Those of an asked name, so that a look-up in a large folder is cheap; all where no name is asked for."""
    asked = [as_list(value) for key, value in conditions.items() if key.upper() in ("NAME", "=NAME")]
    names = {str(name).casefold() for values in asked for name in values}
    return [row for row in rows if row.name.casefold() in names] if asked else rows


def folder_children(call: Call) -> Listing:
    return _listing(call, _object(call, folder=True))


def storage_children(call: Call) -> Listing:
    return _listing(call, _root(call))


def _add_folder(call: Call, parent: DiskObject) -> dict[str, Any]:
    name = _name(call)
    if not name:
        raise argument(1)
    return object_row(call.portal, call.who, drive.add_folder(call.portal, call.who.user_id, parent, name), fresh=True)


def add_subfolder(call: Call) -> dict[str, Any]:
    return _add_folder(call, _object(call, folder=True))


def storage_add_folder(call: Call) -> dict[str, Any]:
    return _add_folder(call, _root(call))


def _upload(call: Call, folder: DiskObject) -> dict[str, Any]:
    """A file as Base64; without `fileContent`, the address it can be posted to as a form."""
    content, unique = call.any_case("fileContent"), flag(call.any_case("generateUniqueName"))
    if content is None:
        key = call.portal.links.issue(folder.id, call.who.user_id, unique)
        return {"field": "file", "uploadUrl": service_url(call.portal, call.who, "upload", key)}
    name = _name(call)
    if not name:
        raise RestError("DISK_BASE_SERVICE_22001", "Error: required parameter NAME (DISK_BASE_SERVICE_22001)")
    file = drive.add_file(call.portal, call.who.user_id, folder, name, _decoded(content), unique)
    return object_row(call.portal, call.who, file, fresh=True)


def _decoded(content: Any) -> bytes:
    """`[name, base64]`; RestError ERROR_COULD_NOT_SAVE_FILE for anything else."""
    try:
        _, text = content
        return base64.b64decode(str(text), validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise RestError("ERROR_COULD_NOT_SAVE_FILE", "Could not save file") from None


def folder_upload(call: Call) -> dict[str, Any]:
    return _upload(call, _object(call, folder=True))


def storage_upload(call: Call) -> dict[str, Any]:
    return _upload(call, _root(call))


def _getting(folder: bool) -> Handler:
    return lambda call: object_row(call.portal, call.who, _object(call, folder))


def _deleting(folder: bool) -> Handler:
    def run(call: Call) -> bool:
        row = _object(call, folder)
        if not row.parent_id:
            raise denied()
        drive.remove(call.portal, row)
        return True

    return run


def _renaming(folder: bool) -> Handler:
    def run(call: Call) -> dict[str, Any]:
        row, name = _object(call, folder), str(call.any_case("newName") or "").strip()
        if not name:
            raise argument(1)
        return object_row(call.portal, call.who, drive.rename(call.portal, call.who.user_id, row, name))

    return run


def attached_get(call: Call) -> dict[str, Any]:
    number = _id(call)
    hung = call.portal.attachments.get(number)
    row = call.portal.objects.get(hung.object_id) if hung is not None else None
    if hung is None or row is None:
        raise not_found(number)
    return {
        "ID": str(hung.id),
        "OBJECT_ID": str(row.id),
        "MODULE_ID": "tasks",
        "ENTITY_TYPE": "tasks_task",
        "ENTITY_ID": str(hung.task_id),
        "CREATE_TIME": iso(hung.at),
        "CREATED_BY": str(hung.user_id),
        "DOWNLOAD_URL": download_url(call.portal, call.who, row.id),
        "NAME": row.name,
        "SIZE": str(row.size),
    }


METHODS: dict[str, Method] = {
    name: Method(run, "disk")
    for name, run in {
        "disk.storage.getlist": storages,
        "disk.storage.get": storage_get,
        "disk.storage.getforapp": storage_for_app,
        "disk.storage.gettypes": storage_types,
        "disk.storage.getchildren": storage_children,
        "disk.storage.addfolder": storage_add_folder,
        "disk.storage.uploadfile": storage_upload,
        "disk.folder.get": _getting(folder=True),
        "disk.folder.getchildren": folder_children,
        "disk.folder.addsubfolder": add_subfolder,
        "disk.folder.uploadfile": folder_upload,
        "disk.folder.rename": _renaming(folder=True),
        "disk.folder.deletetree": _deleting(folder=True),
        "disk.file.get": _getting(folder=False),
        "disk.file.rename": _renaming(folder=False),
        "disk.file.delete": _deleting(folder=False),
        "disk.attachedobject.get": attached_get,
    }.items()
}
