"""The second lock: what a function checks again, whatever the gateway said."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug.caller import READ, WRITE, check, from_context, to_context
from pivot_debug.errors import ExpiredTokenError, ForbiddenError, UnknownAccountError
from pivot_debug.tokens import ALL_ACCOUNTS, Caller
from tests.builders import ACCOUNT, NOW_MS, OTHER_ACCOUNT

moderately = settings(max_examples=60, deadline=None)

NOW = NOW_MS // 1000
ACCOUNTS = st.integers(0, 16**32 - 1).map(lambda number: f"{number:032x}")


def a_caller(
    *, accounts: tuple[str, ...] = (ACCOUNT,), scopes: tuple[str, ...] = (READ,), expires: int | None = None
) -> Caller:
    return Caller(name="", accounts=accounts, scopes=scopes, expires=expires)


def a_context(**fields: Any) -> dict[str, Any]:
    return {"principalId": "aaaaaaaaaaaaaaaa", "accounts": ACCOUNT, "scopes": "debug:read,debug:write", **fields}


# ---------------------------------------------------------------- from the authorizer to the function


@given(
    st.lists(ACCOUNTS, max_size=3) | st.just([ALL_ACCOUNTS]),
    st.lists(st.sampled_from([READ, WRITE]), max_size=2),
    st.none() | st.integers(0, 2**40),
)
@moderately
def test_a_caller_comes_back_from_its_context(accounts: list[str], scopes: list[str], expires: int | None) -> None:
    caller = a_caller(accounts=tuple(accounts), scopes=tuple(scopes), expires=expires)

    assert from_context(to_context(caller)) == caller


def test_the_name_is_the_gateways_principal() -> None:
    assert from_context(a_context()).name == "aaaaaaaaaaaaaaaa"


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"accounts": None, "scopes": None},
        {"accounts": "", "scopes": ""},
        {"accounts": ",", "scopes": ","},
        {"accounts": 5, "scopes": True},
        {"accounts": [ACCOUNT], "scopes": [READ]},
        {"accounts": {ACCOUNT: 1}, "scopes": {READ: 1}},
        {"principalId": ACCOUNT},
    ],
)
def test_a_context_that_is_missing_or_odd_gives_no_rights(context: dict[str, Any]) -> None:
    caller = from_context(context)

    assert (caller.accounts, caller.scopes) == ((), ())
    with pytest.raises(ForbiddenError):
        check(caller, ACCOUNT, READ, NOW_MS)


@pytest.mark.parametrize("expires", ["never", "-5", "1e3", "1710278736.5", "0x7f", "²", " ", "None", -5, 1.5, True, []])
def test_an_expiry_that_cannot_be_read_does_not_mean_never(expires: Any) -> None:
    caller = from_context(a_context(expires=expires))

    with pytest.raises((ExpiredTokenError, ForbiddenError)):
        check(caller, ACCOUNT, READ, NOW_MS)


@pytest.mark.parametrize("expires", [NOW + 1, str(NOW + 1)])
def test_the_gateway_may_pass_a_number_on_as_text(expires: Any) -> None:
    assert from_context(a_context(expires=expires)).expires == NOW + 1


# ---------------------------------------------------------------- the check


@pytest.mark.parametrize("scope", [READ, WRITE])
def test_a_caller_may_do_what_its_scope_says_in_its_account(scope: str) -> None:
    check(a_caller(scopes=(scope,)), ACCOUNT, scope, NOW_MS)

    with pytest.raises(ForbiddenError):
        check(a_caller(scopes=(scope,)), OTHER_ACCOUNT, scope, NOW_MS)


@pytest.mark.parametrize(
    ("has", "wants"), [(READ, WRITE), (WRITE, READ), ("debug", READ), ("debug:read ", READ), ("*", READ)]
)
def test_a_scope_is_exact(has: str, wants: str) -> None:
    with pytest.raises(ForbiddenError):
        check(a_caller(scopes=(has,)), ACCOUNT, wants, NOW_MS)


@given(ACCOUNTS, ACCOUNTS | st.text(max_size=34))
@moderately
def test_no_caller_sees_an_account_that_is_not_its_own(own: str, wanted: str) -> None:
    caller = a_caller(accounts=(own,))

    if wanted == own:
        check(caller, wanted, READ, NOW_MS)
    else:
        with pytest.raises(ForbiddenError):
            check(caller, wanted, READ, NOW_MS)


def test_a_caller_of_all_accounts_may_see_each() -> None:
    caller = a_caller(accounts=(ALL_ACCOUNTS,))

    check(caller, ACCOUNT, READ, NOW_MS)
    check(caller, OTHER_ACCOUNT, READ, NOW_MS)


@pytest.mark.parametrize(
    "account_id", ["", "*", "x", ACCOUNT.upper(), f"{ACCOUNT}0", f"{ACCOUNT}#202403", "../x", "é" * 32]
)
def test_only_who_may_see_all_accounts_learns_that_an_id_is_none(account_id: str) -> None:
    with pytest.raises(UnknownAccountError) as caught:
        check(a_caller(accounts=(ALL_ACCOUNTS,)), account_id, READ, NOW_MS)
    with pytest.raises(ForbiddenError):
        check(a_caller(), account_id, READ, NOW_MS)

    assert caught.value.account_id == account_id


def test_a_token_that_expired_while_the_gateway_still_knew_it_is_refused() -> None:
    caller = a_caller(expires=NOW)

    check(caller, ACCOUNT, READ, NOW * 1000 - 1)
    with pytest.raises(ExpiredTokenError):
        check(caller, ACCOUNT, READ, NOW * 1000)


def test_an_expired_token_is_told_so_before_anything_else() -> None:
    with pytest.raises(ExpiredTokenError):
        check(a_caller(accounts=(), scopes=(), expires=NOW - 1), "x", READ, NOW_MS)


def test_a_token_that_never_expires_works_for_ever() -> None:
    check(a_caller(), ACCOUNT, READ, 10**15)
