"""Schemathesis loads this: what it checks of every reply beside the document.

SCHEMATHESIS_HOOKS=tests.e2e.fuzz_hooks FUZZ_SECRETS='["..."]' schemathesis run ...
"""

import json
import os
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, Response

SECRETS: list[str] = json.loads(os.environ["FUZZ_SECRETS"])
"""What no reply may hold: planted credentials, another account's data, another token."""

TOKEN = os.environ["FUZZ_TOKEN"]
INSIDE = ("Traceback", "botocore", "boto3", "pivot_debug.", '.py\\"', "#!summary", "arn:aws", "ClientError", "Table-")
"""What only somebody who sees the inside could say."""


@schemathesis.check  # type: ignore[untyped-decorator, unused-ignore]
def no_secret_in_the_reply(_context: CheckContext, response: Response, case: Case[Any]) -> None:
    sent = json.dumps([case.path_parameters, case.query, case.headers, str(case.body)], default=str)
    shown = response.text + json.dumps(dict(response.headers))
    for secret in SECRETS:
        assert secret not in shown, "a planted secret is in the reply"
    for word in INSIDE:
        assert word not in shown or word in sent, f"the reply tells of the inside: {word}"
    if response.status_code >= 400:
        assert TOKEN not in shown, "an error repeats the token"
