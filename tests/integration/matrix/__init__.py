"""Servers that misbehave in every way that was thought of, and healthy ones, each with what must come of it.

``python -m tests.integration.matrix > docs/verdicts.md`` runs them all and writes down what the reader is told.
"""

from tests.integration.matrix import (
    connection,
    content_types,
    framing,
    healthy,
    json_bodies,
    redirects,
    statuses,
    tls,
    twiml_bodies,
)
from tests.integration.matrix.case import Case

GROUPS: dict[str, tuple[Case, ...]] = {
    "The connection": connection.CASES,
    "HTTPS": tls.CASES,
    "HTTP": framing.CASES,
    "Redirects": redirects.CASES,
    "The status": statuses.CASES,
    "The type and the encoding of the body": content_types.CASES,
    "KAZOO JSON": json_bodies.CASES,
    "TwiML": twiml_bodies.CASES,
    "Healthy servers": healthy.CASES,
}
CASES = [case for cases in GROUPS.values() for case in cases]
