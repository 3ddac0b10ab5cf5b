import sys
from pathlib import Path

from tests.onec.validator import validate

findings = validate(Path(sys.argv[1] if len(sys.argv) > 1 else "onec/extension"))
for finding in findings:
    print(f"{finding.path}: {finding.text} [{finding.code}]")
sys.exit(1 if findings else 0)
