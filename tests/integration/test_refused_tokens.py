"""Every kind of bad token on every route; and what is refused for different reasons cannot be told apart."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from functions.authorizer import app as authorizer
from pivot_debug import dynamodb, tokens
from pivot_debug.errors import InvalidTokenError
from tests.builders import ACCOUNT, NOW_MS, OTHER_ACCOUNT
from tests.described import operations, path_of
from tests.integration.gateway import STAGE, Asked, answers, is_let_through, policy_of
from tests.integration.helpers import Sent, deployed, tapped
from tests.integration.service import Service
from tests.integration.test_authorizer import KID, SECRET, a_jwt, a_token, public_text
from tests.routes import Route, routes_of_accounts, routes_with_token

NOW = NOW_MS // 1000
YEAR_2100 = 4_102_444_800

KEY, STRANGERS_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
every_route = pytest.mark.parametrize("route", routes_with_token(), ids=str)


@pytest.fixture(scope="module")
def deployment() -> Iterator[Service]:
    with deployed() as service, pytest.MonkeyPatch.context() as patch:
        patch.setenv("JWT_PUBLIC_KEYS", f"{KID}={public_text(KEY)}")
        authorizer.jwt_settings.cache_clear()
        yield service
        authorizer.jwt_settings.cache_clear()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def a_jwt_by_hand(header: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    claims = {"iss": "kazoo", "account_id": ACCOUNT, "exp": YEAR_2100}
    signed = ".".join(b64(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{b64(sign(signed.encode()))}"


def bad_tokens(service: Service) -> dict[str, str]:
    good, revoked = a_token(service), a_token(service, revoked_at=NOW)
    token_id = good.split("_")[1]
    public_pem = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1)
    signed = a_jwt(KEY, exp=YEAR_2100)
    head, claims, signature = signed.split(".")
    other = b64(json.dumps({"iss": "kazoo", "account_id": OTHER_ACCOUNT, "exp": YEAR_2100}).encode())
    return {
        "none": "",
        "junk": "x" * 40,
        "unknown": f"pvd_{'z' * 16}_{SECRET}",
        "wrong secret": f"pvd_{token_id}_{'c' * 32}",
        "empty secret": f"pvd_{token_id}_",
        "hash as secret": f"pvd_{token_id}_{hashlib.sha256(SECRET.encode()).hexdigest()[:32]}",
        "cut": good[:-1],
        "longer": f"{good}b",
        "other case": good.upper(),
        "other prefix": f"xyz{good[3:]}",
        "bearer": f"Bearer {good}",
        "revoked": revoked,
        "expired": a_token(service, expires_at=NOW),
        "JWT expired": a_jwt(KEY, exp=NOW - 31),
        "JWT of a stranger": a_jwt(STRANGERS_KEY, exp=YEAR_2100),
        "JWT without algorithm": a_jwt_by_hand({"alg": "none", "kid": KID}, lambda _: b""),
        "JWT signed with the public key": a_jwt_by_hand(
            {"alg": "HS256", "kid": KID}, lambda data: hmac.digest(public_pem, data, "sha256")
        ),
        "JWT without its signature": f"{head}.{claims}.",
        "JWT of another account": f"{head}.{other}.{signature}",
        "JWT of another issuer": a_jwt(KEY, exp=YEAR_2100, iss="somebody"),
        "JWT without an end": a_jwt(KEY, exp=None),
        "JWT of all accounts": a_jwt(KEY, exp=YEAR_2100, account_id="*"),
        "JWT with a key of its own": a_jwt(STRANGERS_KEY, exp=YEAR_2100, headers={"kid": None, "jwk": {"kty": "RSA"}}),
        "JWT with an unknown key": a_jwt(KEY, exp=YEAR_2100, headers={"kid": "f" * 32}),
    }


@pytest.fixture(scope="module")
def refused(deployment: Service) -> dict[str, str]:
    return bad_tokens(deployment)


@every_route
def test_no_bad_token_opens_a_route(refused: dict[str, str], route: Route) -> None:
    path = route.filled_in()

    opened = {kind for kind, token in refused.items() if policy_of(token, f"{STAGE}/{route.verb}{path}") is not None}
    replies = {kind: answers(Asked(route.verb, path, token)) for kind, token in refused.items()}

    assert opened == set()
    assert {reply["statusCode"] for answered in replies.values() for reply in answered} == {401}


@every_route
def test_a_good_token_and_a_good_jwt_do_open_it(deployment: Service, route: Route) -> None:
    # Else the test above would prove nothing.
    asked = Asked(route.verb, route.filled_in())
    good = [a_token(deployment, scopes=tokens.SCOPES), a_jwt(KEY, exp=YEAR_2100)]

    opened = [(policy := policy_of(token)) is not None and is_let_through(policy, asked) for token in good]

    # A KAZOO JWT may do what JWT_SCOPES says: by default it reads.
    needed = operations()[route.verb, path_of(route.path)]["security"][0]["token"]
    assert opened == [True, needed in ([], ["debug:read"])]


@pytest.mark.parametrize("route", routes_of_accounts(), ids=str)
def test_a_jwt_opens_its_own_account_alone(deployment: Service, route: Route) -> None:
    assert deployment
    policy = policy_of(a_jwt(KEY, exp=YEAR_2100))

    assert policy
    assert not is_let_through(policy, Asked(route.verb, route.filled_in(account_id=OTHER_ACCOUNT)))


# ---------------------------------------------------------------- nothing to tell them apart by


@contextmanager
def counted() -> Iterator[dict[str, int]]:
    """How often a secret is hashed and compared meanwhile."""
    count = {"hashed": 0, "compared": 0}

    def counting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            count[name] += 1
            return function(*arguments)

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "_digest", counting("hashed", tokens._digest))
        patch.setattr(hmac, "compare_digest", counting("compared", hmac.compare_digest))
        yield count


def work_of(token: str) -> tuple[dict[str, int], list[tuple[str, set[str], Any]]]:
    """What refusing the token took: hashes, comparisons, and requests to the table."""
    sent: list[Sent] = []
    with counted() as count, tapped(dynamodb.quick_client(), sent.append):
        assert policy_of(token) is None
    return count, [(one.operation, set(one.body), one.body.get("ConsistentRead")) for one in sent]


def test_an_unknown_and_a_wrong_token_cost_the_same_work(refused: dict[str, str]) -> None:
    unknown, wrong = work_of(refused["unknown"]), work_of(refused["wrong secret"])

    assert unknown == wrong
    assert unknown == ({"hashed": 1, "compared": 1}, [("GetItem", {"TableName", "Key", "ConsistentRead"}, True)])


def test_revoked_and_expired_tokens_cost_what_a_wrong_one_costs(refused: dict[str, str]) -> None:
    assert work_of(refused["revoked"]) == work_of(refused["expired"]) == work_of(refused["wrong secret"])


def test_a_comparison_goes_over_the_whole_digest_whether_there_is_a_row_or_not() -> None:
    compared: list[tuple[str, str]] = []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hmac, "compare_digest", lambda *pair: compared.append(pair))
        with pytest.raises(InvalidTokenError):
            tokens.verify("x" * 32, None, NOW)

    assert [len(text) for text in compared[0]] == [64, 64]
