"""Which calls of a relay are recorded, read from a client's text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug import clock
from pivot_debug.relay.record_mode import MAX_CALLS, RecordMode, parse_record_mode

moderately = settings(max_examples=100, deadline=None)

DECEMBER_MS = 1_796_083_200_000
"""2026-12-01 00:00:00 UTC."""

MODES = (
    st.sampled_from([RecordMode("all"), RecordMode("failures")])
    | st.integers(1, MAX_CALLS).map(lambda calls: RecordMode("next", calls=calls))
    | st.integers(0, clock.LATEST_MS // 1000).map(lambda second: RecordMode("until", until_ms=second * 1000))
)


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("all", RecordMode("all")),
        ("failures", RecordMode("failures")),
        ("next 1 calls", RecordMode("next", calls=1)),
        ("next 1 call", RecordMode("next", calls=1)),
        ("next 100 calls", RecordMode("next", calls=100)),
        ("until 2026-12-01T00:00:00Z", RecordMode("until", until_ms=DECEMBER_MS)),
        ("until 2026-12-01T01:00+01:00", RecordMode("until", until_ms=DECEMBER_MS)),
        ("until 2026-11-30 19:00:00.999-05:00", RecordMode("until", until_ms=DECEMBER_MS)),
        ("until 63963302400", RecordMode("until", until_ms=DECEMBER_MS)),
    ],
)
def test_a_mode_is_read_from_what_people_write(text: str, mode: RecordMode) -> None:
    assert parse_record_mode(text) == mode


@given(MODES)
@moderately
def test_a_mode_comes_back_from_its_text(mode: RecordMode) -> None:
    assert parse_record_mode(str(mode)) == mode


def test_the_text_of_a_mode_is_the_same_however_it_was_written() -> None:
    assert str(parse_record_mode("until 63963302400")) == "until 2026-12-01T00:00:00Z"
    assert str(parse_record_mode("next 07 call")) == "next 7 calls"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "expected"),
        ("ALL", "expected"),
        (" all", "expected"),
        ("none", "expected"),
        ("next calls", "expected"),
        ("next -1 calls", "expected"),
        ("next ٣ calls", "expected"),
        ("next 3 calls\n", "expected"),
        ("next 0 calls", "1 to 100"),
        ("next 101 calls", "1 to 100"),
        ("until", "expected"),
        ("until ", "ISO 8601"),
        ("until tomorrow", "ISO 8601"),
        ("until 2026-02-30T00:00:00Z", "ISO 8601"),
        ("until 2026-12-01", "zone"),
        ("until 2026-12-01T00:00:00", "zone"),
        ("until 1796083200", "Gregorian seconds are Unix seconds + 62167219200"),
        ("until 999999999999999", "future"),
        ("until 9999-12-31T23:59:59Z", "future"),
        ("until 0001-01-01T00:00:00+14:00", "before 1970"),
        (f"until {'9' * 5000}", "ISO 8601"),
    ],
)
def test_what_is_no_mode_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace("+", r"\+")):
        parse_record_mode(text)


@given(st.text() | st.text().map("until {}".format) | st.text("0123456789-+:TZ. ").map("until {}".format))
@moderately
def test_any_text_is_a_mode_that_lasts_or_refused(text: str) -> None:
    try:
        mode = parse_record_mode(text)
    except ValueError:
        return

    assert parse_record_mode(str(mode)) == mode
