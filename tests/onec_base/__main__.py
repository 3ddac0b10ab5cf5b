"""`python -m tests.onec_base`: the sandbox's process; the options and the environment are the sandbox's."""

from tests.onec_base.base import ExtensionOnec
from tests.onec_base.drills import ExtensionDrills

from posrednik_sandbox import __main__ as sandbox
from posrednik_sandbox import app, onec

onec.Onec = ExtensionOnec  # type: ignore[misc]
app.Drills = ExtensionDrills  # type: ignore[misc]

if __name__ == "__main__":
    raise SystemExit(sandbox.main())
