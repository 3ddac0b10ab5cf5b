"""Checks the files of a configuration extension without the platform. Run: `python -m tests.onec.validator DIR`.

Each check is a function of a Dump that yields Findings. `tests/onec/test_validator.py` proves each by a broken copy.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.onec.validator import files, forms, handlers, modules, objects, rights, standards
from tests.onec.validator.bsl import Finding, Module
from tests.onec.validator.dump import Dump, XmlFile

Check = Callable[[Dump], Iterator[Finding]]
# The first two decide whether the rest can be read at all.
READABLE: tuple[Check, ...] = (files.encoding, files.xml)
OF_A_MODULE: tuple[Callable[[Module], Iterator[Finding]], ...] = (
    modules.grammar,
    modules.balance,
    modules.regions,
    modules.lines,
    modules.names,
    modules.shadows,
    modules.comments,
    standards.catches,
    standards.banned_calls,
    standards.code_of_text,
    standards.queries_in_loops,
    standards.timeouts,
    standards.transactions,
    standards.texts,
    standards.newer_language,
    standards.queries,
    standards.directives,
)
OF_A_FILE: tuple[Callable[[XmlFile], Iterator[Finding]], ...] = (
    files.newer_tags,
    files.heads,
    objects.generated_types,
    objects.part_names,
    objects.properties,
    objects.synonyms,
)
OF_THE_DUMP: tuple[Check, ...] = (
    files.versions,
    files.configuration,
    files.children,
    files.belonging,
    objects.uuids,
    objects.names,
    objects.registers,
    objects.module_kinds,
    handlers.subscriptions,
    handlers.jobs,
    handlers.http_services,
    handlers.modules_exist,
    forms.forms,
    rights.roles,
    rights.reachable,
    modules.intercepts,
    standards.metadata_names,
    standards.own_calls,
    standards.unused,
)


def validate(root: Path) -> list[Finding]:
    """All findings of the dump in the folder `root`, the formatter's too, sorted; an empty list = nothing is wrong."""
    dump = Dump.read(root)
    return sorted([*check(dump), *modules.formatting(dump)])


def check(dump: Dump) -> list[Finding]:
    """All findings but the formatter's, which reads files."""
    found = [finding for one in READABLE for finding in one(dump)]
    if not any(finding.code == "xml" for finding in found):
        found += [finding for one in OF_THE_DUMP for finding in one(dump)]
        for file in dump.files.values():
            found += [finding for one in OF_A_FILE for finding in file.findings(one)]
        for module in dump.modules.values():
            found += [finding for one in OF_A_MODULE for finding in module.findings(one)]
    return sorted(found)
