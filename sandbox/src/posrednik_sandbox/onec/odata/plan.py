"""The exchange plan: nodes, registrations of changes, SelectChanges and NotifyChangesReceived (§2.1, §3.2, E-15).

A registration is a set of dirty objects and no queue: one row per node and object, its number empty until a package
takes it, empty again at the next write. Independent registers never come, a removed object comes as its removal.
"""

import uuid
from collections.abc import Callable
from typing import Any

from posrednik_sandbox.onec.odata.model import EntitySet
from posrednik_sandbox.onec.odata.tables import Tables
from posrednik_sandbox.onec.store import Store

Json = dict[str, Any]
COLUMNS = {"Ref_Key": "Edm.Guid", "DataVersion": "Edm.String", "DeletionMark": "Edm.Boolean", "Code": "Edm.String",
           "Description": "Edm.String", "SentNo": "Edm.Int64", "ReceivedNo": "Edm.Int64",
           "ThisNode": "Edm.Boolean"}  # fmt: skip
HERE = "11111111-0000-4000-8000-000000000001"


class NoNode(Exception):
    pass


class Plan:
    def __init__(self, store: Store, tables: Tables) -> None:
        self.store = store
        self.tables = tables

    def nodes(self) -> list[Json]:
        """This base and the others; numbers are texts, as every int64 of the interface."""
        here = self._node({"ref": HERE, "code": "ЦБ", "sent": 0, "received": 0}, here=True)
        return [here, *(self._node(row) for row in self.store.rows("SELECT * FROM odata_node ORDER BY code"))]

    def create(self, body: Json) -> Json:
        """A node and the registration of nothing: changes from now on are registered for it."""
        ref = str(uuid.UUID(str(body.get("Ref_Key") or uuid.uuid4())))
        code = str(body.get("Code") or ref[:8])
        with self.store.tx():
            self.store.db.execute("INSERT INTO odata_node (ref, code) VALUES (?, ?)", (ref, code))
        return next(node for node in self.nodes() if node["Ref_Key"] == ref)

    def change(self, ref: str, body: Json) -> Json:
        """SentNo and ReceivedNo as a client sets them."""
        self._known(ref)
        with self.store.tx():
            for name, column in (("SentNo", "sent"), ("ReceivedNo", "received")):
                if name in body:
                    sql = f"UPDATE odata_node SET {column} = ? WHERE ref = ?"  # noqa: S608 - one of two names
                    self.store.db.execute(sql, (int(body[name]), ref))
        return next(node for node in self.nodes() if node["Ref_Key"] == ref)

    def register_all(self, ref: str) -> int:
        self._known(ref)
        with self.store.tx():
            self.store.db.execute(
                "INSERT OR REPLACE INTO odata_change SELECT ?, kind, ref, NULL FROM object WHERE deleted < 2", (ref,)
            )
        return int(self.store.value("SELECT count(*) FROM odata_change WHERE node = ?", ref))

    def select(self, ref: str, number: int, published: Callable[[str], bool]) -> list[tuple[str, Json]]:
        """Stamp what has no number yet with this one and give all that has it: (entity set, row); again = more."""
        self._known(ref)
        with self.store.tx():
            self.store.db.execute(
                "UPDATE odata_change SET number = ? WHERE node = ? AND (number IS NULL OR number <= ?)",
                (number, ref, number),
            )
            self.store.db.execute("UPDATE odata_node SET sent = max(sent, ?) WHERE ref = ?", (number, ref))
        rows = self.store.rows("SELECT kind, ref FROM odata_change WHERE node = ? AND number = ?", ref, number)
        found = ((self.tables.profile.of_kind(row["kind"]), row["ref"]) for row in rows)
        return [(one.name, self._row(one, key)) for one, key in found if one is not None and published(one.name)]

    def received(self, ref: str, number: int) -> int:
        """Forget what was sent up to this number. Returns how many."""
        self._known(ref)
        with self.store.tx():
            done = self.store.db.execute("DELETE FROM odata_change WHERE node = ? AND number <= ?", (ref, number))
            self.store.db.execute("UPDATE odata_node SET received = max(received, ?) WHERE ref = ?", (number, ref))
        return done.rowcount

    def _row(self, entity: EntitySet, ref: str) -> Json:
        """A removed object comes as its removal."""
        return self.tables.one(entity, ref) or {"Ref_Key": ref, "ObjectDeletion": True}

    def _known(self, ref: str) -> None:
        if not self.store.value("SELECT 1 FROM odata_node WHERE ref = ?", ref):
            raise NoNode("Узел плана обмена не найден")

    @staticmethod
    def _node(row: Json, here: bool = False) -> Json:
        return {"Ref_Key": row["ref"], "DataVersion": "AAAAAAAAAAE=", "DeletionMark": False, "Code": row["code"],
                "Description": "Эта база" if here else row["code"], "SentNo": str(row["sent"]),
                "ReceivedNo": str(row["received"]), "ThisNode": here}  # fmt: skip
