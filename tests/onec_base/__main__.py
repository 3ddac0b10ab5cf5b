"""`python -m tests.onec_base`: the sandbox's process; the options and the environment are the sandbox's.

УТ 11 has the extension, УТ 10.3 the external processing.
"""

from typing import Any

from tests.onec_base.base import ExtensionOnec
from tests.onec_base.drills import ExtensionDrills
from tests.onec_base.external import ExternalOnec
from tests.onec_base.interpreted import InterpretedOnec

from posrednik_sandbox import __main__ as sandbox
from posrednik_sandbox import app, onec


def base(*args: Any, profile: str = "ut11", **options: Any) -> InterpretedOnec:
    kind = ExtensionOnec if profile == "ut11" else ExternalOnec
    return kind(*args, profile=profile, **options)


onec.Onec = base  # type: ignore[assignment, misc]
app.Drills = ExtensionDrills  # type: ignore[misc]

if __name__ == "__main__":
    raise SystemExit(sandbox.main())
