"""``python -m pivot_debug.dictionary > docs/errors.md`` renews the page."""

import sys

from pivot_debug.dictionary import to_markdown

sys.stdout.write(to_markdown())
