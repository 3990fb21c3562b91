"""Drives the unmodified client library kazoo-sdk against the API and prints what it got, as JSON.

A program of its own, because the library changes how the whole process reads JSON.

    python -m tests.e2e.kazoo_client API_ROOT ACCOUNT_ID TOKEN OTHER_ACCOUNT_ID
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from kazoo.exceptions import KazooApiAuthenticationError, KazooApiBadDataError, KazooApiError
from kazoo.request_objects import KazooRequest

PATH = "/accounts/{account_id}/pivot/debug"


def main(root: str, account_id: str, token: str, other: str) -> dict[str, Any]:
    def ask(path: str, *, account: str = account_id, token: str = token, **query: str) -> dict[str, Any]:
        reply: dict[str, Any] = KazooRequest(path, get_params=query).execute(root, token=token, account_id=account)
        return reply

    first = ask(PATH, page_size="2")
    second = ask(PATH, page_size="2", start_key=first["next_start_key"])
    return {
        "pages": [[call["call_id"] for call in page["data"]] for page in (first, second)],
        "has_third_page": "next_start_key" in second,
        "records": len(ask(f"{PATH}/sdk-1")["data"]),
        "bad_token": _error(lambda: ask(PATH, token="pvd_" + "a" * 16 + "_" + "b" * 32)),
        "other_account": _error(lambda: ask(PATH, account=other)),
        "no_route": _error(lambda: ask("/accounts/{account_id}/pivot")),
        "bad_range": _error(lambda: ask(PATH, created_from="63877497876", created_to="62167219200")),
    }


def _error(ask: Callable[[], object]) -> list[Any]:
    try:
        ask()
    except (KazooApiAuthenticationError, KazooApiBadDataError, KazooApiError) as error:
        return [type(error).__name__, getattr(error, "field_errors", None) or error.args[-1]]
    return []


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
