"""What the files of the portal's Disk hold."""

from pathlib import Path


class Blobs:
    """Bytes by the id of a Disk object: in memory, or one file each under `folder`."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._held: dict[int, bytes] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def put(self, object_id: int, content: bytes) -> None:
        if self._folder is None:
            self._held[object_id] = content
        else:
            (self._folder / str(object_id)).write_bytes(content)

    def get(self, object_id: int) -> bytes | None:
        if self._folder is None:
            return self._held.get(object_id)
        path = self._folder / str(object_id)
        return path.read_bytes() if path.exists() else None

    def drop(self, object_id: int) -> None:
        if self._folder is None:
            self._held.pop(object_id, None)
        else:
            (self._folder / str(object_id)).unlink(missing_ok=True)
