import io
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_debug_cli.batches import Parcel, batches, body, encode
from pivot_debug_cli.dumps import DumpError, Entry, read, skip_reason
from tests.builders import ACCOUNT, OTHER_ACCOUNT, a_call, a_request

DOCUMENTS = [*a_call(call_id="one@10.0.0.1"), *a_call(call_id="two@10.0.0.2")]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def entries(dump: str | bytes) -> list[Entry]:
    return list(read(io.BytesIO(dump.encode() if isinstance(dump, str) else dump)))


def documents(dump: str | bytes) -> list[Any]:
    return [entry.document for entry in entries(dump)]


def row(document: dict[str, Any]) -> dict[str, Any]:
    """A row of ``_all_docs?include_docs=true``."""
    return {"id": document["_id"], "key": document["_id"], "value": {"rev": document["_rev"]}, "doc": document}


def lines(values: list[dict[str, Any]], separator: str) -> str:
    return separator.join(map(json.dumps, values))


ROWS = [row(document) for document in DOCUMENTS]
CHANGES = [{"seq": "1-g1A", "id": document["_id"], "changes": [], "doc": document} for document in DOCUMENTS]
FORMS = {
    "rows in a list": json.dumps(ROWS),
    "documents in a list": json.dumps(DOCUMENTS),
    "a list over many lines": json.dumps(DOCUMENTS, indent=2),
    "rows": json.dumps({"total_rows": 4, "offset": 0, "rows": ROWS}),
    "rows over many lines": json.dumps({"total_rows": 4, "offset": 0, "rows": ROWS}, indent=2),
    "docs": json.dumps({"docs": DOCUMENTS}),
    "results": json.dumps({"results": CHANGES, "last_seq": "4-g1A"}),
    "a Crossbar reply": json.dumps({"auth_token": "t", "data": DOCUMENTS, "page_size": 4, "status": "success"}),
    "a list in an object made by hand": '{"data":\n' + json.dumps(DOCUMENTS) + "\n}\n",
    "JSON lines": lines(DOCUMENTS, "\n") + "\n",
    "JSON lines of rows, with blank lines and a byte order mark": "\ufeff" + lines(ROWS, "\r\n\r\n"),
    "JSON lines of lists": json.dumps(DOCUMENTS[:1]) + "\n" + json.dumps(DOCUMENTS[1:]),
    "documents side by side, as jq prints them": "\n".join(json.dumps(each, indent=2) for each in DOCUMENTS),
    "KAZOO's archive": "[" + lines(ROWS, ",\n") + "\n]",
    "KAZOO's archive of 2018, which lacks commas": "[" + lines(ROWS[:2], ",\n") + "\n" + lines(ROWS[2:], ",\n") + "\n]",
    "KAZOO's archive with late commas": "[" + lines(ROWS[:2], "\n") + "\n," + lines(ROWS[2:], ",\n") + "\n]",
    "CouchDB's reply": '{"total_rows":4,"offset":0,"rows":[\r\n' + lines(ROWS, ",\r\n") + "\r\n]}\r\n",
    "CouchDB's changes": '{"results":[\n' + lines(CHANGES, ",\n") + '\n],\n"last_seq":"4-g1A","pending":0}\n',
    "a list of one document a line": "[\n" + lines(DOCUMENTS, ",\n") + "]\n",
}


@pytest.mark.parametrize("dump", FORMS.values(), ids=FORMS.keys())
def test_every_form_of_a_dump_gives_the_same_documents(dump: str) -> None:
    found = entries(dump)

    assert [entry.document for entry in found] == DOCUMENTS
    assert [entry.number for entry in found] == [1, 2, 3, 4]
    assert found[-1].done == pytest.approx(len(dump.encode()), abs=40)


@pytest.mark.parametrize("form", ["JSON lines", "KAZOO's archive", "CouchDB's reply", "CouchDB's changes"])
def test_a_dump_of_a_row_per_line_is_read_no_further_than_needed(form: str) -> None:
    raw = FORMS[form].encode().splitlines(keepends=True)
    taken = []

    first = next(read(line for line in raw if not taken.append(line)))  # type: ignore[func-returns-value]

    assert first.document == DOCUMENTS[0]
    assert len(taken) <= 2


@pytest.mark.parametrize("indent", [None, 2])
def test_a_single_document_is_a_dump(indent: int | None) -> None:
    dump = json.dumps(DOCUMENTS[0], indent=indent)

    assert documents(dump) == DOCUMENTS[:1]


@pytest.mark.parametrize("dump", ["", "\n\n", "[]", "[\n]\n", '{"rows":[\n]}', '{"data": []}'])
def test_an_empty_dump_holds_no_documents(dump: str) -> None:
    assert documents(dump) == []


def test_a_rejected_document_as_ingest_writes_it_can_be_read_again() -> None:
    dump = json.dumps({"document": 1, "line": 7, "reason": "call_id: missing", "doc": DOCUMENTS[0]})

    assert documents(dump) == DOCUMENTS[:1]


def test_a_repeated_header_keeps_all_its_values() -> None:
    dump = '{"call_id": "a", "resp_headers": {"set-cookie": "a=1", "server": "nginx", "set-cookie": "b=2"}}'

    assert documents(dump)[0]["resp_headers"] == {"set-cookie": ["a=1", "b=2"], "server": "nginx"}


def test_the_place_of_a_document_is_its_line_where_it_has_one() -> None:
    by_line = entries("\n" + lines(DOCUMENTS, "\n\n"))
    side_by_side = entries(json.dumps(DOCUMENTS))

    assert [entry.place for entry in by_line] == ["line 2", "line 4", "line 6", "line 8"]
    assert [entry.place for entry in side_by_side] == ["document 1", "document 2", "document 3", "document 4"]


@pytest.mark.parametrize(
    ("dump", "message"),
    [
        ('{"call_id": "a"}\n\n{"call_id": "b"\n', "line 3: not valid JSON (Expecting ',' delimiter, column 16)"),
        ('{"call_id": "a"}}\n{"call_id": "b"}\n', "line 1: not valid JSON (Expecting value, column 17)"),
        ('[\n{\n"call_id": "a"\n},\n\n  {"call_id": }\n]', "line 6: not valid JSON (Expecting value, column 15)"),
        ('[{"call_id": "a"},\n{"call_id": "b"},\n', "line 2: the dump ends without ], so it was cut off here"),
        ('{"rows":[\n{"id": "a"},\n{"id": "b"}', "line 3: the dump ends without ]}, so it was cut off here"),
        ('{"results":[\n{"id": "a"}\n],\n"last', "line 3: the object around the list is not closed"),
        ('[{"call_id": "a"}\n]\n[{"call_id": "b"}\n]', "line 2: more follows after the end of the list"),
        ('{"call_id": "a"}\n]', "line 2: a ] that closes nothing"),
        ('{\n"call_id": "a"\n}\n]', "line 4: a ] that closes nothing"),
        ('{"call_id": NaN}', "line 1: NaN is not valid JSON"),
        ("[" * 100_000, "line 1: nested too deeply"),
        (b'{"call_id": "a"}\n\x1f\x8b\n', "line 2: not UTF-8 text; unpack a compressed dump first"),
        ('{"data": {"message": "m"}, "status": "error", "error": "401", "message": "invalid_credentials"}',
         "line 1: the error reply of a server (invalid_credentials), not a dump"),
        ('{"error": "unauthorized", "reason": "Name or password is incorrect."}',
         "line 1: the error reply of a server (unauthorized), not a dump"),
    ],
)  # fmt: skip
def test_a_dump_that_cannot_be_read_tells_the_line(dump: str | bytes, message: str) -> None:
    with pytest.raises(DumpError) as caught:
        entries(dump)

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (DOCUMENTS[0], None),
        ({"call_id": "a", "created": 63_877_497_876}, None),
        ("not even an object", None),
        ({"_id": "a", "pvt_type": "cdr"}, "cdr"),
        ({"_id": "_design/interactions", "views": {}}, "design document"),
        ({"_id": "a", "_rev": "2-b", "_deleted": True}, "deleted"),
        (a_request(pvt_deleted=True), "deleted"),
        ({"id": "a", "key": "a", "value": {"rev": "1-b"}}, "row without its document (dump with include_docs=true)"),
    ],
)
def test_only_pivot_debug_documents_are_of_use(document: Any, reason: str | None) -> None:
    assert skip_reason(document) == reason


@given(values=st.lists(st.dictionaries(st.text(), JSON, max_size=3).map(lambda fields: {**fields, "_id": "x"})))
def test_reading_a_dump_by_line_and_whole_gives_the_same(values: list[dict[str, Any]]) -> None:
    by_line = "[" + lines(values, ",\n") + "\n]"
    whole = json.dumps({"docs": values}, indent=1)

    assert documents(by_line) == documents(whole) == values


PARCELS = st.lists(st.tuples(st.sampled_from([ACCOUNT, OTHER_ACCOUNT, "c" * 32]), JSON)).map(
    lambda found: [
        Parcel(
            entry=Entry(number=number, line=None, done=number, document=document),
            account_id=account_id,
            payload=encode(document),
        )
        for number, (account_id, document) in enumerate(found, 1)
    ]
)


@given(parcels=PARCELS, max_documents=st.integers(1, 5), max_bytes=st.integers(40, 120))
def test_splitting_into_batches_loses_nothing_and_keeps_the_limits(
    parcels: list[Parcel], max_documents: int, max_bytes: int
) -> None:
    made = list(batches(iter(parcels), max_documents=max_documents, max_bytes=max_bytes))

    sent = [parcel for batch in made for parcel in batch]
    assert Counter(parcel.entry.number for parcel in sent) == Counter(parcel.entry.number for parcel in parcels)
    for account_id in {parcel.account_id for parcel in parcels}:
        numbers = [parcel.entry.number for parcel in sent if parcel.account_id == account_id]
        assert numbers == sorted(numbers)
    for batch in made:
        assert len({parcel.account_id for parcel in batch}) == 1
        assert len(batch) <= max_documents
        assert len(body(batch)) <= max_bytes or len(batch) == 1
        assert json.loads(body(batch)) == {"source": "import", "data": [parcel.entry.document for parcel in batch]}


def test_a_dump_of_many_accounts_waits_for_a_few_megabytes_only() -> None:
    def parcels() -> Any:
        for number in range(60):
            entry = Entry(number=number, line=number, done=number, document=None)
            yield Parcel(entry=entry, account_id=f"{number:032x}", payload=b" " * 1_000_000)

    first = next(batches(parcels()))

    assert first[0].entry.number < 20


@pytest.mark.parametrize("text", ["", "Zürich 東京", "\ud800", "\u2028\x00"])
def test_any_text_survives_its_encoding(text: str) -> None:
    assert json.loads(encode({"resp_body": text})) == {"resp_body": text}
