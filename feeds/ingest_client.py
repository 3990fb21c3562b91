"""Hands documents to Pivot Debug's ingest API: batches within its limits, halves on 413, and a reject log."""

import datetime as dt
import json
import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from feeds.server import Answer, FeedError, RefusedError, Server, is_token, secret

log = logging.getLogger("feeds")

Document = dict[str, Any]
Mark = TypeVar("Mark")

BATCH_DOCUMENTS = 100
# The service takes 6,000,000 bytes; the rest is room for the envelope and for what a proxy adds.
BATCH_BYTES = 4_500_000
REFUSALS = {
    401: "the token is unknown, expired or revoked",
    403: "the token may not write here: pivot-debug token create {0} --scopes debug:write makes one that may",
    409: "recording is off: pivot-debug account set {0} --recording on switches it on",
}
ACCOUNT_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Outgoing(Generic[Mark]):
    """A document on its way, and what the feed has to remember once it has arrived."""

    document: Document
    mark: Mark


def batches(items: Iterable[Outgoing[Mark]]) -> Iterator[list[Outgoing[Mark]]]:
    """Groups documents so that a request stays within the limits; a document beyond them travels alone."""
    batch: list[Outgoing[Mark]] = []
    used = 0
    for item in items:
        length = len(encoded(item.document)) + 1
        if batch and (len(batch) == BATCH_DOCUMENTS or used + length > BATCH_BYTES):
            yield batch
            batch, used = [], 0
        batch.append(item)
        used += length
    if batch:
        yield batch


def encoded(document: Document) -> bytes:
    """The document as JSON, as short as it gets."""
    try:
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which UTF-8 cannot hold
        return json.dumps(document, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Tokens:
    """Who may write: one token for every account, one for each account, or both."""

    shared: str
    by_account: Mapping[str, str]

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Reads AUTH_TOKEN, and AUTH_TOKENS_FILE: a JSON object of account id and token."""
        shared, path = secret(environ, "AUTH_TOKEN"), environ.get("AUTH_TOKENS_FILE")
        if not shared and not path:
            raise FeedError("neither AUTH_TOKEN nor AUTH_TOKENS_FILE is set")
        return cls(shared, _tokens_in(Path(path)) if path else {})

    def of(self, account_id: str) -> str:
        """The token that writes to this account."""
        return self.by_account.get(account_id, self.shared)

    def accounts(self, chosen: Sequence[str]) -> list[str]:
        """The accounts to feed: the chosen ones, else those with a token of their own; empty: every account."""
        for account_id in chosen:
            if not ACCOUNT_ID.fullmatch(account_id):
                raise FeedError(f"--account {account_id}: not an account id (32 characters, 0-9 and a-f)")
            if not self.of(account_id):
                raise FeedError(f"--account {account_id}: there is no token for it")
        return list(chosen) or ([] if self.shared else list(self.by_account))


def _tokens_in(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_bytes())
    except ValueError:
        content = None
    if not isinstance(content, dict) or not all(ACCOUNT_ID.fullmatch(key) for key in content):
        raise FeedError(f"{path} is not a JSON object of account id and token")
    if not content or not all(map(is_token, content.values())):
        raise FeedError(f"{path} lacks a token, or one holds a blank or a character outside ASCII")
    return content


class RejectLog:
    """Keeps each document that the service does not take, one JSON object a line, with the reason."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, account_id: str, rejected: Iterable[tuple[Document, object]]) -> None:
        """Appends documents with their errors; they are on the disk when this returns."""
        time = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        # Debug documents hold what callers typed: nobody else may read them.
        with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w") as file:
            for document, errors in rejected:
                line = {"time": time, "account_id": account_id, "errors": errors, "doc": document}
                file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())


class IngestClient:
    """Delivers documents; each one ends up accepted or in the reject log."""

    def __init__(self, server: Server, tokens: Tokens, rejected: RejectLog) -> None:
        self._server, self._tokens, self._rejected = server, tokens, rejected

    def send(self, account_id: str, documents: Sequence[Document]) -> None:
        """Returns when nothing is left to do for these documents.

        Raises:
            RefusedError: The service refuses this account.
            LaterError: The service is busy, broken or out of reach, and stays so.
            FeedError: Something is wrong that concerns every account.
        """
        answer = self._put(account_id, documents)
        match answer.status, answer.json():
            case ((200 | 202), {"data": {"accepted": list(accepted)} as data}):
                self._reject(
                    account_id, documents, {each["index"]: each["errors"] for each in data.get("rejected", ())}
                )
                log.info("account %s: %d documents accepted", account_id, len(accepted))
            case (400, {"data": dict(data)}) if errors := _errors_by_index(data):
                self._reject(account_id, documents, {index: errors.get(index, {}) for index in range(len(documents))})
            case (413, _):
                self._send_halves(account_id, documents, answer)
            case ((401 | 403 | 409), _):
                raise self._refusal(account_id, answer.status)
            case _:
                raise FeedError(f"unexpected answer to a PUT: {answer.complaint}; is API_ROOT right?")

    def _put(self, account_id: str, documents: Sequence[Document]) -> Answer:
        return self._server.ask(
            "PUT",
            f"/accounts/{account_id}/pivot/debug",
            body=b'{"data":[' + b",".join(map(encoded, documents)) + b"]}",
            headers={"X-Auth-Token": self._tokens.of(account_id), "Content-Type": "application/json"},
        )

    def _send_halves(self, account_id: str, documents: Sequence[Document], answer: Answer) -> None:
        if len(documents) == 1:
            self._reject(account_id, documents, {0: {"document": {"maxSize": {"message": answer.complaint}}}})
            return
        middle = len(documents) // 2
        self.send(account_id, documents[:middle])
        self.send(account_id, documents[middle:])

    def _refusal(self, account_id: str, status: int) -> FeedError:
        bad_for_all = status == HTTPStatus.UNAUTHORIZED and account_id not in self._tokens.by_account
        reason = f"account {account_id}: {status}, {REFUSALS[status].format(account_id)}"
        return FeedError(reason) if bad_for_all else RefusedError(reason)

    def _reject(self, account_id: str, documents: Sequence[Document], errors: Mapping[int, Mapping[str, Any]]) -> None:
        if not errors:
            return
        self._rejected.add(account_id, [(documents[index], reasons) for index, reasons in errors.items()])
        for index, reasons in errors.items():
            name, fields = documents[index].get("_id") or documents[index].get("id"), ", ".join(reasons)
            log.warning("account %s: document %s rejected for its %s", account_id, name, fields or "content")


def _errors_by_index(data: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    """Turns `{"0.call_id": errors}` into `{0: {"call_id": errors}}`."""
    found: dict[int, dict[str, Any]] = {}
    for path, errors in data.items():
        index, _, field = path.partition(".")
        if index.isdecimal():
            found.setdefault(int(index), {})[field] = errors
    return found
