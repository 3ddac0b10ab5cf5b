"""Checks the files of a configuration extension without the platform. Run: `python -m tests.onec.validator DIR`.

Each check is a function of a Dump that yields Findings. `tests/onec/test_validator.py` proves each by a broken copy.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.onec.validator import files, forms, handlers, modules, objects, rights, standards
from tests.onec.validator.dump import Dump, Finding

Check = Callable[[Dump], Iterator[Finding]]
# The first two decide whether the rest can be read at all.
READABLE: tuple[Check, ...] = (files.encoding, files.xml)
CHECKS: tuple[Check, ...] = (
    files.versions,
    files.configuration,
    files.children,
    files.belonging,
    objects.uuids,
    objects.generated_types,
    objects.names,
    objects.properties,
    objects.synonyms,
    objects.registers,
    objects.module_kinds,
    handlers.subscriptions,
    handlers.jobs,
    handlers.http_services,
    handlers.modules_exist,
    forms.forms,
    rights.roles,
    rights.reachable,
    modules.grammar,
    modules.balance,
    modules.regions,
    modules.lines,
    modules.names,
    modules.comments,
    modules.intercepts,
    modules.formatting,
    standards.catches,
    standards.banned_calls,
    standards.code_of_text,
    standards.queries_in_loops,
    standards.timeouts,
    standards.transactions,
    standards.texts,
    standards.newer_language,
    standards.queries,
    standards.metadata_names,
    standards.own_calls,
    standards.directives,
    standards.unused,
)


def validate(root: Path) -> list[Finding]:
    """All findings of the dump in the folder `root`, sorted; an empty list = nothing is wrong."""
    return check(Dump.read(root))


def check(dump: Dump) -> list[Finding]:
    found = [finding for one in READABLE for finding in one(dump)]
    if not any(finding.code == "xml" for finding in found):
        found += [finding for one in CHECKS for finding in one(dump)]
    return sorted(found)
