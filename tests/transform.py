"""Prints template.yaml as CloudFormation gets it, with every parameter's default. Run by SAM's own Python.

.local/sam-venv/bin/python tests/transform.py template.yaml
"""

import json
import sys
from pathlib import Path
from typing import Any

from samtranslator.translator.transform import transform  # type: ignore[import-not-found, import-untyped, unused-ignore]
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-not-found, import-untyped, unused-ignore]


class _NoManagedPolicies:
    """Ours are written out in the template."""

    def load(self) -> dict[str, Any]:
        return {}


def main(path: str) -> None:
    parsed = yaml_parse(Path(path).read_text())
    for resource in parsed["Resources"].values():
        # What sam package would put there.
        properties = resource["Properties"]
        properties |= {name: "s3://bucket/key" for name in ("CodeUri", "ContentUri") if name in properties}
    defaults = {name: parameter["Default"] for name, parameter in parsed["Parameters"].items()}
    sys.stdout.write(json.dumps(transform(parsed, defaults, _NoManagedPolicies()), default=str))


if __name__ == "__main__":
    main(sys.argv[1])
