"""What went wrong with a call: the first failing attempt, in one word and one sentence."""

import pytest

from pivot_debug.attempts import KAZOO_TIMEOUT_MS, SLOW_PART, Attempt
from pivot_debug.dictionary import ERROR_CODES
from pivot_debug.models import Document, RecordType
from pivot_debug.verdict import SETTLING_MS, settles_at, verdict_of

REQUEST: Document = {"uri": "https://pivot.example.com/"}
ANSWERED_MS = 2000


def an_attempt(
    *,
    number: int = 1,
    status: str | None = "200",
    body: str | None = '{"module":"hangup"}',
    errors: tuple[RecordType, ...] = (),
    is_cdr: bool = False,
) -> Attempt:
    """An answered attempt; where *status* and *body* are both None, an unanswered one."""
    response = {name: value for name, value in (("resp_status_code", status), ("resp_body", body)) if value is not None}
    return Attempt(
        number,
        1000,
        ended_ms=ANSWERED_MS if response else None,
        is_cdr=is_cdr,
        request=REQUEST,
        response=response or None,
        errors={kind: {} for kind in errors},
    )


def unanswered(*, number: int = 1, errors: tuple[RecordType, ...] = (), is_cdr: bool = False) -> Attempt:
    return an_attempt(number=number, status=None, body=None, errors=errors, is_cdr=is_cdr)


def code_of(*attempts: Attempt) -> str | None:
    code: str | None = verdict_of(list(attempts)).get("code")
    return code


@pytest.mark.parametrize("status", ["200", "206"])
def test_a_call_whose_every_request_was_answered_well_is_ok(status: str) -> None:
    assert verdict_of([an_attempt(status=status), an_attempt(number=2)]) == {"status": "ok"}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("100", "http_status"),
        ("201", "unexpected_2xx"),
        ("204", "unexpected_2xx"),
        ("301", "http_3xx"),
        ("302", "http_3xx"),
        ("400", "http_4xx"),
        ("404", "http_4xx"),
        ("499", "http_4xx"),
        ("500", "http_5xx"),
        ("503", "http_5xx"),
        ("600", "http_status"),
        ("", "http_status"),
    ],
)
def test_kazoo_accepts_200_and_206_alone(status: str, code: str) -> None:
    assert code_of(an_attempt(status=status)) == code


def test_a_redirect_that_the_next_request_followed_is_no_fault() -> None:
    redirect = an_attempt(status="302")
    assert redirect.response is not None
    redirect.response["resp_headers"] = {"location": "https://pivot.example.com/new"}
    followed = an_attempt(number=2)
    followed.request = {"uri": "https://pivot.example.com/New?Call-ID=x"}

    assert verdict_of([redirect, followed]) == {"status": "ok"}
    assert code_of(redirect) == "http_3xx"


@pytest.mark.parametrize("status", ["201", "500"])
def test_a_location_beside_another_status_is_no_redirect(status: str) -> None:
    failed = an_attempt(status=status)
    assert failed.response is not None
    failed.response["resp_headers"] = {"Location": "https://pivot.example.com/"}
    later = an_attempt(number=2)
    later.request = {"uri": "https://pivot.example.com/another"}

    assert verdict_of([failed, later])["attempt"] == failed.number


def test_a_failing_status_matters_more_than_the_empty_body_that_came_with_it() -> None:
    assert code_of(an_attempt(status="404", body="")) == "http_4xx"


@pytest.mark.parametrize("status", ["200", "206"])
def test_an_empty_body_ends_the_call(status: str) -> None:
    assert code_of(an_attempt(status=status, body="")) == "empty_body"


def test_a_body_that_was_never_recorded_is_not_an_empty_one() -> None:
    assert code_of(an_attempt(body=None)) is None


def test_a_body_whose_status_was_never_recorded_is_no_fault() -> None:
    assert code_of(an_attempt(status=None, body="")) is None


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ((RecordType.TRANSPORT_ERROR,), "no_response"),
        ((RecordType.JSON_ERRORS,), "json_syntax"),
        ((RecordType.SCHEMA_ERRORS,), "schema_violation"),
        ((RecordType.TWIML_ERRORS,), "twiml_invalid_content"),
        ((RecordType.TWIML_ERRORS, RecordType.SCHEMA_ERRORS, RecordType.JSON_ERRORS), "json_syntax"),
        ((RecordType.TWIML_ERRORS, RecordType.SCHEMA_ERRORS), "schema_violation"),
    ],
)
def test_recorded_errors_say_what_the_status_does_not(errors: tuple[RecordType, ...], code: str) -> None:
    assert code_of(an_attempt(errors=errors)) == code


def test_a_request_without_an_answer_failed() -> None:
    assert code_of(unanswered()) == "no_response"


def test_the_first_failing_attempt_is_the_verdict() -> None:
    verdict = verdict_of([an_attempt(), an_attempt(number=2, status="503"), an_attempt(number=3, status="404")])

    assert verdict == {
        "status": "error",
        "code": "http_5xx",
        "attempt": 2,
        "reason": "Attempt 2: the server at https://pivot.example.com/ failed with 503.",
        "hint": ERROR_CODES["http_5xx"].hint,
        "prediction": ERROR_CODES["http_5xx"].kazoo_does,
        "facts": {
            "status_code": "503",
            "uri": "https://pivot.example.com/",
            "duration_ms": 1000,
            "timeout_ms": 5000,
        },
    }


@pytest.mark.parametrize(
    "report",
    [
        unanswered(number=2, is_cdr=True),
        an_attempt(number=2, is_cdr=True, status="500"),
        an_attempt(number=2, is_cdr=True, body=""),
        unanswered(number=2, is_cdr=True, errors=(RecordType.TRANSPORT_ERROR,)),
    ],
)
def test_the_report_at_the_end_of_a_call_never_fails_it(report: Attempt) -> None:
    assert verdict_of([an_attempt(), report]) == {"status": "ok"}


@pytest.mark.parametrize("status", ["{attempt}", "{0}", "%s", "404 {"])
def test_a_status_is_text_and_no_template(status: str) -> None:
    assert status in verdict_of([an_attempt(status=status)])["reason"]


# ---------------------------------------------------------------- until when an answer may come


def test_an_unanswered_request_may_still_be_answered_for_a_while() -> None:
    assert settles_at([an_attempt(), unanswered(number=2)]) == 1000 + SETTLING_MS


@pytest.mark.parametrize("attempt", [an_attempt(), an_attempt(status="500"), an_attempt(body="")])
def test_after_an_answer_nothing_is_awaited(attempt: Attempt) -> None:
    assert settles_at([attempt]) == 0


def test_an_answer_to_an_earlier_request_is_not_awaited_once_the_next_was_answered() -> None:
    assert settles_at([unanswered(), an_attempt(number=2)]) == 0


def test_an_answer_to_a_report_is_not_awaited() -> None:
    assert settles_at([an_attempt(), unanswered(number=2, is_cdr=True)]) == 0


def test_after_a_transport_error_nothing_is_awaited() -> None:
    assert settles_at([unanswered(errors=(RecordType.TRANSPORT_ERROR,))]) == 0


def test_an_answer_whose_body_alone_was_recorded_is_an_answer() -> None:
    assert settles_at([an_attempt(status=None, body="x")]) == 0


def a_finding(**fields: object) -> dict[str, object]:
    return {"code": "unknown_module", "severity": "error", "message": 'KAZOO has no module "say".', **fields}


def with_findings(*findings: dict[str, object]) -> Attempt:
    attempt = an_attempt()
    assert attempt.response is not None
    attempt.response["findings"] = list(findings)
    return attempt


def test_a_finding_in_an_answer_fails_the_call_and_tells_its_place() -> None:
    verdict = verdict_of([with_findings(a_finding(line=3, column=12))])

    assert (verdict["status"], verdict["code"]) == ("error", "unknown_module")
    assert verdict["facts"]["place"] == "line 3, column 12"
    assert "line 3, column 12" in verdict["reason"]


def test_the_finding_is_more_exact_than_kazoos_own_error_record() -> None:
    attempt = with_findings(a_finding(code="content_type_mismatch"))
    attempt.errors[RecordType.JSON_ERRORS] = {}

    assert code_of(attempt) == "content_type_mismatch"


def test_a_warning_counts_only_where_no_attempt_failed() -> None:
    warned = with_findings(a_finding(code="unknown_key", severity="warning"))

    assert verdict_of([warned])["status"] == "warning"
    assert verdict_of([warned, an_attempt(number=2, status="500")])["code"] == "http_5xx"


def test_an_answer_that_nearly_missed_the_time_limit_is_a_warning() -> None:
    attempt = an_attempt()
    attempt.ended_ms = attempt.started_ms + int(SLOW_PART * KAZOO_TIMEOUT_MS)

    assert (verdict_of([attempt])["status"], code_of(attempt)) == ("warning", "slow_response")


@pytest.mark.parametrize("limit", [1000, 2500, 5000])
def test_slow_is_measured_by_the_limit_that_held_for_the_request(limit: int) -> None:
    attempt = an_attempt()
    attempt.request = REQUEST | {"timeout_ms": limit}

    attempt.ended_ms = attempt.started_ms + int(SLOW_PART * limit) - 1
    assert verdict_of([attempt]) == {"status": "ok"}
    attempt.ended_ms += 1
    assert (code_of(attempt), verdict_of([attempt])["facts"]["timeout_ms"]) == ("slow_response", limit)


def test_of_what_the_relay_recorded_the_servers_own_time_counts() -> None:
    attempt = an_attempt()
    attempt.request = REQUEST | {"timeout_ms": 1000, "budget_ms": 500}
    assert attempt.response is not None

    attempt.ended_ms = attempt.started_ms + 990
    attempt.response |= {"upstream_ms": 20.5}
    assert verdict_of([attempt]) == {"status": "ok"}
    attempt.response |= {"upstream_ms": 400.0}
    assert code_of(attempt) == "slow_response"


def test_a_warning_of_a_code_that_is_an_error_elsewhere_predicts_no_failure() -> None:
    attempt = with_findings(a_finding(code="json_syntax", severity="warning"))

    assert "prediction" not in verdict_of([attempt])


@pytest.mark.parametrize("limit", [None, "1000", 0, -5, [1]])
def test_a_limit_that_is_none_counts_as_kazoos_own(limit: object) -> None:
    attempt = an_attempt()
    attempt.request = REQUEST | {"timeout_ms": limit}

    assert attempt.timeout_ms == KAZOO_TIMEOUT_MS


def test_a_transport_error_keeps_its_own_code_if_the_dictionary_has_it() -> None:
    attempt = unanswered(errors=(RecordType.TRANSPORT_ERROR,))
    attempt.errors[RecordType.TRANSPORT_ERROR] = {"transport_error": {"code": "tls_error"}}

    assert code_of(attempt) == "tls_error"


def test_what_the_relay_saw_is_the_reason() -> None:
    attempt = unanswered(errors=(RecordType.TRANSPORT_ERROR,))
    told = {"code": "timeout", "message": "ivr.example.com did not answer within 4500 ms.", "phase": "headers"}
    attempt.errors[RecordType.TRANSPORT_ERROR] = {"transport_error": told}

    assert verdict_of([attempt])["reason"] == "Attempt 1: ivr.example.com did not answer within 4500 ms."


@pytest.mark.parametrize("message", [None, "", 17, "x" * 1000, "two\nlines", ["a"]])
def test_a_text_that_is_no_sentence_is_not_repeated_in_the_list(message: object) -> None:
    attempt = unanswered(errors=(RecordType.TRANSPORT_ERROR,))
    attempt.errors[RecordType.TRANSPORT_ERROR] = {"transport_error": {"code": "timeout", "message": message}}

    assert verdict_of([attempt])["reason"].startswith("Attempt 1: the server at https://pivot.example.com/ did not")
