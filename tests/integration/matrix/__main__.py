"""Runs the whole matrix and prints the page ``docs/verdicts.md``."""

from tests.integration.helpers import logged
from tests.integration.matrix import GROUPS
from tests.integration.matrix.page import to_markdown
from tests.integration.matrix.stage import stage

with stage() as prepared, logged():
    ran = [(title, [(case, prepared.run(case)) for case in cases]) for title, cases in GROUPS.items()]
print(to_markdown(ran))
