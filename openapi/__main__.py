"""``python -m openapi > docs/openapi.json`` renews the document."""

import sys

from openapi.document import as_text

sys.stdout.write(as_text())
