"""Opaque tokens: made once, kept as a hash, checked in one way."""

import hashlib
import re
from dataclasses import asdict, replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pivot_debug import tokens
from pivot_debug.errors import InvalidTokenError
from pivot_debug.tokens import ALL_ACCOUNTS, MAX_ACCOUNTS, Caller, TokenRow
from tests.builders import ACCOUNT, OTHER_ACCOUNT

moderately = settings(max_examples=60, deadline=None)

NOW = 1_710_278_736
SECRET = "S" * 32


def a_token(
    *,
    accounts: tuple[str, ...] = (ACCOUNT,),
    scopes: tuple[str, ...] = ("debug:read",),
    lifetime_days: int | None = None,
) -> tuple[str, TokenRow]:
    return tokens.new_token(name="ci", accounts=accounts, scopes=scopes, now=NOW, lifetime_days=lifetime_days)


def a_row(*, secret: str = SECRET, expires_at: int | None = None, revoked_at: int | None = None) -> TokenRow:
    return TokenRow(
        token_id="a" * 16,
        secret_sha256=hashlib.sha256(secret.encode()).hexdigest(),
        last_four=secret[-4:],
        name="ci",
        accounts=(ACCOUNT,),
        scopes=("debug:read", "debug:write"),
        created=NOW,
        expires_at=expires_at,
        revoked_at=revoked_at,
    )


# ---------------------------------------------------------------- making one


def test_a_token_is_prefix_id_and_secret() -> None:
    token, _ = a_token()

    assert re.fullmatch(r"pvd_[A-Za-z0-9]{16}_[A-Za-z0-9]{32}", token)
    assert tokens.is_opaque(token)


def test_a_new_token_is_good_for_what_it_was_made_for() -> None:
    token, row = a_token(accounts=(ACCOUNT, OTHER_ACCOUNT), scopes=("debug:read", "debug:write"))
    token_id, secret = tokens.split(token)

    caller = tokens.verify(secret, row, NOW)

    assert token_id == row.token_id
    assert caller == Caller(name=token_id, accounts=(ACCOUNT, OTHER_ACCOUNT), scopes=("debug:read", "debug:write"))


def test_the_secret_is_not_kept() -> None:
    token, row = a_token()
    _, secret = tokens.split(token)

    assert secret not in repr(asdict(row))
    assert row.last_four == secret[-4:]
    assert row.secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()


def test_no_two_tokens_share_their_id_or_secret() -> None:
    made = [tokens.split(a_token()[0]) for _ in range(50)]

    assert len({token_id for token_id, _ in made}) == len({secret for _, secret in made}) == 50


def test_a_token_lives_for_whole_days_or_for_ever() -> None:
    assert a_token(lifetime_days=2)[1].expires_at == NOW + 172_800
    assert a_token()[1].expires_at is None


@pytest.mark.parametrize("accounts", [(ACCOUNT,), (ALL_ACCOUNTS,), tuple(f"{n:032x}" for n in range(MAX_ACCOUNTS))])
def test_a_token_may_reach_some_accounts_or_all(accounts: tuple[str, ...]) -> None:
    assert a_token(accounts=accounts)[1].accounts == accounts


@pytest.mark.parametrize(
    "accounts",
    [
        (),
        ("",),
        (ACCOUNT.upper(),),
        (f"{ACCOUNT}*",),
        (f"{ACCOUNT[:-1]}*",),
        (f"{ACCOUNT[:-1]}?",),
        ("*", "*"),
        (ALL_ACCOUNTS, ACCOUNT),
        (ACCOUNT, ALL_ACCOUNTS),
        (f"{ACCOUNT},{OTHER_ACCOUNT}",),
        (f"{ACCOUNT}/",),
        tuple(f"{n:032x}" for n in range(MAX_ACCOUNTS + 1)),
    ],
)
def test_no_token_is_made_for_accounts_that_a_policy_could_read_otherwise(accounts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="account"):
        a_token(accounts=accounts)


@pytest.mark.parametrize(
    "scopes", [(), ("",), ("debug",), ("debug:*",), ("debug:read", "admin"), ("debug:read,debug:write",)]
)
def test_no_token_is_made_for_scopes_that_there_are_not(scopes: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="scopes"):
        a_token(scopes=scopes)


# ---------------------------------------------------------------- reading one


@pytest.mark.parametrize(
    "token",
    [
        "",
        "pvd",
        "pvd_",
        "pvd__",
        f"pvd_{'a' * 16}",
        f"pvd_{'a' * 16}_",
        f"pvd_{'a' * 15}_{'b' * 32}",
        f"pvd_{'a' * 16}_{'b' * 31}",
        f"pvd_{'a' * 16}_{'b' * 33}",
        f"pvd_{'a' * 16}_{'b' * 32}_",
        f"PVD_{'a' * 16}_{'b' * 32}",
        f"xvd_{'a' * 16}_{'b' * 32}",
        f"pvd_{'a' * 16}_{'b' * 32}\n",
        f" pvd_{'a' * 16}_{'b' * 32}",
    ],
)
def test_what_is_no_token_cannot_be_split(token: str) -> None:
    with pytest.raises(InvalidTokenError):
        tokens.split(token)


@given(st.text() | st.text("pvd_aA0", max_size=60))
@moderately
def test_arbitrary_text_is_a_token_or_refused(text: str) -> None:
    try:
        token_id, secret = tokens.split(text)
    except InvalidTokenError:
        return

    assert f"pvd_{token_id}_{secret}" == text
    assert tokens.is_opaque(text)


# ---------------------------------------------------------------- checking one


@given(st.text(min_size=1, max_size=40) | st.text("Ss", min_size=30, max_size=34))
@moderately
def test_only_the_right_secret_is_accepted(secret: str) -> None:
    assume(secret != SECRET)

    with pytest.raises(InvalidTokenError):
        tokens.verify(secret, a_row(), NOW)


@given(st.integers(0, 31), st.sampled_from("sT0_"))
@moderately
def test_a_secret_with_one_character_changed_is_refused(at: int, character: str) -> None:
    with pytest.raises(InvalidTokenError):
        tokens.verify(SECRET[:at] + character + SECRET[at + 1 :], a_row(), NOW)


def test_the_hash_of_a_secret_is_no_secret() -> None:
    with pytest.raises(InvalidTokenError):
        tokens.verify(a_row().secret_sha256, a_row(), NOW)


@pytest.mark.parametrize("secret", [SECRET, "no such token", ""])
def test_an_unknown_token_is_refused_whatever_its_secret(secret: str) -> None:
    with pytest.raises(InvalidTokenError, match="unknown token"):
        tokens.verify(secret, None, NOW)


def test_a_wrong_secret_and_an_unknown_token_read_the_same() -> None:
    with pytest.raises(InvalidTokenError) as wrong:
        tokens.verify("x", a_row(), NOW)
    with pytest.raises(InvalidTokenError) as unknown:
        tokens.verify("x", None, NOW)

    assert str(wrong.value) == str(unknown.value)


def test_a_token_is_good_until_the_second_it_expires_in() -> None:
    assert tokens.verify(SECRET, a_row(expires_at=NOW + 1), NOW).expires == NOW + 1
    with pytest.raises(InvalidTokenError, match="expired"):
        tokens.verify(SECRET, a_row(expires_at=NOW), NOW)


@pytest.mark.parametrize("revoked_at", [0, NOW - 1, NOW, NOW + 1])
def test_a_revoked_token_is_refused(revoked_at: int) -> None:
    with pytest.raises(InvalidTokenError, match="revoked"):
        tokens.verify(SECRET, a_row(revoked_at=revoked_at), NOW)


@pytest.mark.parametrize("row", [a_row(revoked_at=NOW), a_row(expires_at=NOW - 1)])
def test_without_the_secret_nobody_learns_that_a_token_was_revoked_or_expired(row: TokenRow) -> None:
    with pytest.raises(InvalidTokenError, match="unknown token"):
        tokens.verify("x", row, NOW)


# ---------------------------------------------------------------- what it reaches


def test_a_caller_sees_its_own_accounts_alone() -> None:
    caller = tokens.verify(SECRET, a_row(), NOW)

    assert caller.may_see(ACCOUNT)
    assert not caller.may_see(OTHER_ACCOUNT)
    assert not caller.may_see("")
    assert not caller.may_see(ALL_ACCOUNTS)
    assert not caller.may_see(ACCOUNT[:-1])


def test_a_caller_of_all_accounts_sees_every_account() -> None:
    caller = replace(tokens.verify(SECRET, a_row(), NOW), accounts=(ALL_ACCOUNTS,))

    assert caller.may_see(ACCOUNT)
    assert caller.may_see(OTHER_ACCOUNT)
