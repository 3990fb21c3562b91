"""Demo calls for `make run`: two months of a small clinic's Pivot debug documents, as KAZOO would have stored them.

Between them the calls show every kind of document, every form in which KAZOO has stored one, and every failure that
leaves a mark. They depend on nothing but the account and the time, so that the same two give the same documents.
"""

import json
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path

from local.demo_calls.answer_faults import ANSWER_FAULTS
from local.demo_calls.documents import DemoCall, Document
from local.demo_calls.healthy import HEALTHY_CALLS
from local.demo_calls.history import HISTORICAL_CALLS
from local.demo_calls.server_faults import SERVER_FAULTS

DEMO_CALLS: tuple[DemoCall, ...] = (*HEALTHY_CALLS, *SERVER_FAULTS, *ANSWER_FAULTS, *HISTORICAL_CALLS)


def demo_documents(account_id: str, now: datetime) -> list[Document]:
    """The documents of all demo calls in the order of their times; the newest call began a few minutes before `now`."""
    moment = now.astimezone(UTC).replace(microsecond=0)
    documents = (document for call in DEMO_CALLS for document in call.documents(account_id, moment))
    return sorted(documents, key=itemgetter("pvt_created"))


def write_demo_file(path: Path, account_id: str, now: datetime) -> None:
    """Writes the documents as one JSON array, one document per line."""
    lines = ",\n".join(json.dumps(document, ensure_ascii=False) for document in demo_documents(account_id, now))
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
