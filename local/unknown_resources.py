"""Takes out of the built template what ministack does not know, and what nothing else in it needs."""

import re
from typing import Final

UNKNOWN: Final = frozenset({"AWS::Logs::QueryDefinition"})

_RESOURCE: Final = re.compile(r"^  \w+:\n    Type: (\S+)\n(?: {4}.*\n|\s*\n)*", re.MULTILINE)


def without_unknown_resources(template: str) -> str:
    """The text of a template as `sam build` writes it, which indents by two and puts a resource's type first."""
    return _RESOURCE.sub(lambda found: "" if _is_unknown(found[1], found[0]) else found[0], template)


def _is_unknown(kind: str, resource: str) -> bool:
    """Saved queries, and alarms over several metrics."""
    return kind in UNKNOWN or (kind == "AWS::CloudWatch::Alarm" and "\n      Metrics:\n" in resource)
