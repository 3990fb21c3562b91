"""The gateway's question "who is this?", answered from a stored token or from a KAZOO JWT."""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from functions.authorizer import app as authorizer
from pivot_debug import caller, dynamodb
from pivot_debug.tokens import Caller, TokenRow
from tests.builders import ACCOUNT, NOW_MS, OTHER_ACCOUNT, TOKEN, event
from tests.integration.helpers import Document, aws_error, logged, raising, tapped
from tests.integration.service import Service

NOW = NOW_MS // 1000
STAGE = "arn:aws:execute-api:eu-central-1:123456789012:abc123defg/dev"
LIST_ARN = f"{STAGE}/GET/v2/accounts/{ACCOUNT}/pivot/debug"
SECRET = "b" * 32
KID = "0123456789abcdef0123456789abcdef"
UNAUTHORIZED = (Exception, ("Unauthorized",))


@pytest.fixture(autouse=True)
def _at_the_moment_of_the_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authorizer, "time", SimpleNamespace(time=lambda: float(NOW)))


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def keys(private_key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch) -> Iterator[rsa.RSAPrivateKey]:
    """The key that signs, its public half known to the authorizer."""
    monkeypatch.setenv("JWT_PUBLIC_KEYS", f"{KID}={public_text(private_key)}")
    authorizer.jwt_settings.cache_clear()
    yield private_key
    authorizer.jwt_settings.cache_clear()


def base64_of(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def public_text(key: rsa.RSAPrivateKey) -> str:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    return base64.b64encode(der).decode()


def a_token(deployment: Service, **fields: Any) -> str:
    """A stored token; its text."""
    token_id = os.urandom(8).hex()
    row: dict[str, Any] = {
        "token_id": token_id,
        "secret_sha256": hashlib.sha256(SECRET.encode()).hexdigest(),
        "last_four": SECRET[-4:],
        "name": "test",
        "accounts": (ACCOUNT,),
        "scopes": ("debug:read",),
        "created": NOW - 100,
    }
    deployment.tokens().add(TokenRow(**(row | fields)))
    return f"pvd_{fields.get('token_id', token_id)}_{SECRET}"


def a_jwt(key: Any, *, headers: Document | None = None, algorithm: str = "RS256", **claims: Any) -> str:
    content = {"iss": "kazoo", "account_id": ACCOUNT, "exp": NOW + 3600, "method": "cb_user_auth"} | claims
    kept = {name: value for name, value in content.items() if value is not None}
    head = {name: value for name, value in ({"kid": KID} | (headers or {})).items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm, headers=head)


def answer(token: str, method_arn: str = LIST_ARN) -> Document:
    return authorizer.handler({"type": "TOKEN", "methodArn": method_arn, "authorizationToken": token}, None)


def failure(token: str) -> tuple[type[Exception], tuple[Any, ...]]:
    """Type and arguments of what the handler raises, which Lambda hands to the gateway."""
    try:
        given = answer(token)
    except Exception as error:  # noqa: BLE001 - any kind is looked at
        return type(error), error.args
    pytest.fail(f"let in: {given}")


def resources_of(policy: Document, effect: str = "Allow") -> list[str]:
    (statement,) = (one for one in policy["policyDocument"]["Statement"] if one["Effect"] == effect)
    assert statement["Action"] == "execute-api:Invoke"
    resources: list[str] = statement["Resource"]
    return resources


def allows(policy: Document, arn: str) -> bool:
    """IAM's matching: a ``*`` of the policy crosses slashes, and what is denied stays so."""
    opened, shut = (
        any(fnmatchcase(arn, resource.replace("[", "[[]")) for resource in resources_of(policy, effect))
        for effect in ("Allow", "Deny")
    )
    return opened and not shut


# ---------------------------------------------------------------- stored tokens


def test_the_sample_event_of_a_stored_token_gets_its_policy_and_context(deployment: Service) -> None:
    a_token(deployment, token_id="a" * 16, scopes=("debug:read", "debug:write"))

    reply = authorizer.handler(event("authorizer_good_token"), None)

    calls = f"v2/accounts/{ACCOUNT}/pivot/debug"
    opened = resources_of(reply)
    assert (reply["principalId"], reply["policyDocument"]["Version"]) == ("a" * 16, "2012-10-17")
    assert reply["context"] == {"accounts": ACCOUNT, "scopes": "debug:read,debug:write"}
    assert [one for one in opened if "/accounts/" in one and f"/accounts/{ACCOUNT}/pivot/" not in one] == []
    assert [resource for resource in opened if "/pivot/debug" in resource] == [
        f"{STAGE}/GET/{calls}",
        f"{STAGE}/GET/{calls}/*",
        f"{STAGE}/HEAD/{calls}*",
        f"{STAGE}/PUT/{calls}",
    ]


def test_the_sample_event_of_a_wrong_secret_is_unauthorized(deployment: Service) -> None:
    a_token(deployment, token_id="c" * 16)
    sample = event("authorizer_bad_token")
    token = sample["authorizationToken"].replace("a" * 16, "c" * 16)

    assert failure(token) == UNAUTHORIZED


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"revoked_at": NOW - 50}, id="revoked"),
        pytest.param({"revoked_at": NOW + 50}, id="revoked by a clock that is ahead"),
        pytest.param({"expires_at": NOW - 1}, id="expired a second ago"),
        pytest.param({"expires_at": NOW}, id="expires now"),
        pytest.param({"secret_sha256": hashlib.sha256(b"another").hexdigest()}, id="another secret"),
        pytest.param({"secret_sha256": SECRET}, id="the secret itself stored"),
        pytest.param({"secret_sha256": ""}, id="no secret stored"),
        pytest.param({"expires_at": NOW - 1, "accounts": ("*",)}, id="expired operator"),
    ],
)
def test_a_token_that_is_no_longer_or_never_was_good_is_unauthorized(
    deployment: Service, fields: dict[str, Any]
) -> None:
    token = a_token(deployment, **fields)

    assert failure(token) == UNAUTHORIZED


@pytest.mark.parametrize(
    "token",
    [
        f"pvd_{'z' * 16}_{'b' * 32}",
        "",
        " ",
        "pvd_",
        "pvd__",
        f"pvd_{'a' * 16}",
        f"pvd_{'a' * 16}_",
        f"pvd_{'a' * 15}_{'b' * 32}",
        f"pvd_{'a' * 16}_{'b' * 33}",
        f"pvd_{'a' * 16}_{'b' * 32}_",
        f"PVD_{'a' * 16}_{'b' * 32}",
        f"Bearer pvd_{'a' * 16}_{'b' * 32}",
        f"pvd_{'a' * 16}_{'b' * 32}\n",
        f"pvd_{'é' * 16}_{'b' * 32}",
        f"pvd_{'#' * 16}_{'*' * 32}",
        "0123456789abcdef0123456789abcdef",
        "Basic dXNlcjpwYXNz",
        "null",
        "a.b",
        "a.b.c",
        "..",
        "eyJhbGciOiJub25lIn0.e30.",
        f"{base64.urlsafe_b64encode(b'[' * 3000).decode()}.e30.AAAA",
        "x" * 10_000,
    ],
)
@pytest.mark.usefixtures("deployment")
def test_what_is_no_token_of_ours_is_unauthorized(token: str) -> None:
    assert failure(token) == UNAUTHORIZED


@pytest.mark.usefixtures("deployment")
def test_an_event_without_a_token_is_unauthorized() -> None:
    with pytest.raises(Exception, match=r"^Unauthorized$") as raised:
        authorizer.handler({"type": "TOKEN", "methodArn": LIST_ARN}, None)

    assert raised.type is Exception


def test_a_token_works_until_the_second_it_expires(deployment: Service) -> None:
    token = a_token(deployment, expires_at=NOW + 1)

    assert answer(token)["context"]["expires"] == str(NOW + 1)


def test_a_revocation_counts_at_once(deployment: Service) -> None:
    token = a_token(deployment)
    assert answer(token)["principalId"] == token.split("_")[1]

    deployment.tokens().revoke(token.split("_")[1], NOW)

    assert failure(token) == UNAUTHORIZED


def test_the_secret_is_not_enough_without_its_own_id(deployment: Service) -> None:
    mine, other = a_token(deployment), a_token(deployment, secret_sha256=hashlib.sha256(b"c" * 32).hexdigest())

    mixed = f"pvd_{other.split('_')[1]}_{mine.split('_')[2]}"

    assert failure(mixed) == UNAUTHORIZED


# ---------------------------------------------------------------- what the policy opens


@pytest.mark.parametrize(
    ("scopes", "verbs"),
    [
        (("debug:read",), {"GET", "HEAD"}),
        (("debug:write",), {"PUT"}),
        (("debug:read", "debug:write"), {"GET", "HEAD", "PUT"}),
        (("debug:unheard-of",), set()),
    ],
)
def test_a_scope_opens_its_own_verbs_alone(deployment: Service, scopes: tuple[str, ...], verbs: set[str]) -> None:
    policy = answer(a_token(deployment, scopes=scopes))

    paths = {
        verb: f"{STAGE}/{verb}/v2/accounts/{ACCOUNT}/pivot/debug" for verb in ("GET", "HEAD", "PUT", "POST", "DELETE")
    }
    assert {verb for verb, arn in paths.items() if allows(policy, arn)} == verbs


def test_a_token_of_several_accounts_opens_each_of_them(deployment: Service) -> None:
    token = a_token(deployment, accounts=(ACCOUNT, OTHER_ACCOUNT))

    reply = answer(token)

    assert reply["context"]["accounts"] == f"{ACCOUNT},{OTHER_ACCOUNT}"
    for account in (ACCOUNT, OTHER_ACCOUNT):
        assert allows(reply, f"{STAGE}/GET/v2/accounts/{account}/pivot/debug/any/call%2Fid")


def test_an_operators_token_opens_every_account_and_still_nothing_but_these_routes(deployment: Service) -> None:
    reply = answer(a_token(deployment, accounts=("*",)))

    assert reply["context"]["accounts"] == "*"
    assert allows(reply, f"{STAGE}/GET/v2/accounts/{OTHER_ACCOUNT}/pivot/debug/x")
    assert not allows(reply, f"{STAGE}/GET/v2/accounts/{OTHER_ACCOUNT}/users")
    assert not allows(reply, f"{STAGE}/PUT/v2/accounts/{OTHER_ACCOUNT}/pivot/debug")


@pytest.mark.parametrize(
    "path",
    [
        "GET/v2/accounts/*/pivot/debug",
        "GET/v2/accounts/*",
        "*/*",
        f"GET/v2/accounts/{OTHER_ACCOUNT}/pivot/debug",
        f"GET/v2/accounts/{ACCOUNT}/pivot/debug/../../{OTHER_ACCOUNT}",
        "GET/",
        "",
    ],
)
def test_the_policy_is_the_same_whatever_path_was_asked_for(deployment: Service, path: str) -> None:
    token = a_token(deployment)

    assert answer(token, f"{STAGE}/{path}") == answer(token)


@pytest.mark.parametrize(
    "account",
    [OTHER_ACCOUNT, "*", "?" * 32, ACCOUNT + "0", ACCOUNT[:-1], ACCOUNT.upper(), f"{ACCOUNT}%2F{OTHER_ACCOUNT}"],
)
@pytest.mark.parametrize("verb", ["GET", "HEAD", "PUT", "*"])
@pytest.mark.parametrize("rest", ["pivot/debug", "pivot/debug/x", f"x/accounts/{ACCOUNT}/pivot/debug", "*"])
def test_no_path_of_another_account_is_open(deployment: Service, account: str, verb: str, rest: str) -> None:
    token = a_token(deployment, scopes=("debug:read", "debug:write"))

    policy = answer(token, f"{STAGE}/{verb}/v2/accounts/{account}/{rest}")

    assert not allows(policy, f"{STAGE}/{verb}/v2/accounts/{account}/{rest}")


def test_another_api_or_stage_is_not_open(deployment: Service) -> None:
    policy = answer(a_token(deployment, accounts=("*",)))

    assert not allows(policy, LIST_ARN.replace("/dev/", "/prod/"))
    assert not allows(policy, LIST_ARN.replace("abc123defg", "zzz"))


@pytest.mark.parametrize("accounts", [(ACCOUNT,), (ACCOUNT, OTHER_ACCOUNT), ("*",)])
@pytest.mark.parametrize("expires_at", [None, NOW + 60])
def test_the_functions_read_from_the_context_who_the_token_is(
    deployment: Service, accounts: tuple[str, ...], expires_at: int | None
) -> None:
    token = a_token(deployment, accounts=accounts, expires_at=expires_at)

    reply = answer(token)

    # The gateway adds principalId, and hands every value on as text.
    handed_on = {name: str(value) for name, value in reply["context"].items()} | {"principalId": reply["principalId"]}
    assert caller.from_context(handed_on) == Caller(
        name=token.split("_")[1], accounts=accounts, scopes=("debug:read",), expires=expires_at
    )


def test_the_answer_holds_neither_token_nor_secret_and_only_flat_texts(deployment: Service) -> None:
    token = a_token(deployment, expires_at=NOW + 60)

    reply = answer(token)

    assert {type(value) for value in reply["context"].values()} == {str}
    assert SECRET not in json.dumps(reply)


def test_a_refusal_is_logged_with_its_reason_and_without_the_token(deployment: Service) -> None:
    token = a_token(deployment, revoked_at=NOW - 1)

    with logged() as log:
        failure(token)

    assert "revoked token" in log.getvalue()
    assert token not in log.getvalue()
    assert SECRET not in log.getvalue()


# ---------------------------------------------------------------- the store does not answer


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(aws_error("ProvisionedThroughputExceededException", "GetItem"), id="throttled"),
        pytest.param(aws_error("InternalServerError", "GetItem"), id="server error"),
        pytest.param(aws_error("AccessDeniedException", "GetItem"), id="no permission"),
        pytest.param(aws_error("ResourceNotFoundException", "GetItem"), id="no table"),
        pytest.param(ReadTimeoutError(endpoint_url="https://dynamodb.eu-central-1.amazonaws.com"), id="read timeout"),
        pytest.param(
            ConnectTimeoutError(endpoint_url="https://dynamodb.eu-central-1.amazonaws.com"), id="no connection"
        ),
    ],
)
def test_a_store_that_does_not_answer_is_no_verdict_on_the_token(
    deployment: Service, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    token = a_token(deployment)

    with tapped(dynamodb.quick_client(), raising(error)):
        kind, arguments = failure(token)

    assert (kind, arguments) != UNAUTHORIZED
    assert "Unauthorized" not in str(arguments)
    assert answer(token)["principalId"]


def test_a_missing_setting_is_no_verdict_on_the_token(deployment: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    token = a_token(deployment)
    authorizer.token_store.cache_clear()
    monkeypatch.delenv("TOKEN_TABLE")

    kind, arguments = failure(token)

    authorizer.token_store.cache_clear()
    assert (kind, arguments) != UNAUTHORIZED


# ---------------------------------------------------------------- KAZOO's JWTs


@pytest.mark.usefixtures("deployment")
def test_a_kazoo_jwt_opens_its_own_account_for_the_configured_scopes(keys: rsa.RSAPrivateKey) -> None:
    reply = answer(a_jwt(keys))

    assert reply["principalId"] == f"jwt:{ACCOUNT}"
    assert reply["context"] == {"accounts": ACCOUNT, "scopes": "debug:read", "expires": str(NOW + 3600 + 30)}
    assert allows(reply, LIST_ARN)
    assert not allows(reply, LIST_ARN.replace("/GET/", "/PUT/"))


@pytest.mark.usefixtures("deployment")
def test_a_jwt_is_good_for_the_leeway_after_it_expired(keys: rsa.RSAPrivateKey) -> None:
    assert answer(a_jwt(keys, exp=NOW - 29))["context"]["expires"] == str(NOW + 1)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"exp": NOW - 30}, id="expired"),
        pytest.param({"exp": None}, id="no exp"),
        pytest.param({"exp": str(NOW + 60)}, id="exp a text"),
        pytest.param({"exp": NOW + 0.5}, id="exp a fraction"),
        pytest.param({"nbf": NOW_MS}, id="not yet"),
        pytest.param({"iss": "other"}, id="another issuer"),
        pytest.param({"iss": None}, id="no issuer"),
        pytest.param({"iss": "https://evil.example"}, id="an issuer to fetch keys from"),
        pytest.param({"account_id": None}, id="no account"),
        pytest.param({"account_id": "*"}, id="every account"),
        pytest.param({"account_id": [ACCOUNT]}, id="a list of accounts"),
        pytest.param({"account_id": ACCOUNT.upper()}, id="an account in capitals"),
        pytest.param({"account_id": f"{ACCOUNT},{OTHER_ACCOUNT}"}, id="two accounts in one text"),
        pytest.param({"headers": {"kid": "f" * 32}}, id="unknown key"),
        pytest.param({"headers": {"kid": None}}, id="no key id"),
        pytest.param({"headers": {"kid": "../../etc/passwd"}}, id="a path for a key id"),
        pytest.param({"headers": {"crit": ["x"], "x": 1}}, id="an unknown critical header"),
        pytest.param({"algorithm": "RS512"}, id="another algorithm"),
        pytest.param({"algorithm": "PS256"}, id="another padding"),
    ],
)
@pytest.mark.usefixtures("deployment")
def test_a_jwt_that_breaks_a_rule_is_unauthorized(keys: rsa.RSAPrivateKey, changed: dict[str, Any]) -> None:
    assert failure(a_jwt(keys, **changed)) == UNAUTHORIZED


@pytest.mark.usefixtures("deployment", "keys")
def test_a_jwt_of_a_stranger_is_unauthorized() -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    assert failure(a_jwt(stranger)) == UNAUTHORIZED


@pytest.mark.usefixtures("deployment")
def test_a_jwt_signed_with_the_public_key_as_a_password_is_unauthorized(keys: rsa.RSAPrivateKey) -> None:
    parts = ({"alg": "HS256", "typ": "JWT", "kid": KID}, {"iss": "kazoo", "account_id": ACCOUNT, "exp": NOW + 60})
    signed = ".".join(base64_of(json.dumps(part).encode()) for part in parts)
    pem = keys.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1)

    forged = f"{signed}.{base64_of(hmac.digest(pem, signed.encode(), 'sha256'))}"

    assert failure(forged) == UNAUTHORIZED


@pytest.mark.usefixtures("deployment")
def test_without_configured_keys_every_jwt_is_unauthorized(private_key: rsa.RSAPrivateKey) -> None:
    assert failure(a_jwt(private_key)) == UNAUTHORIZED


@pytest.mark.parametrize("value", ["nonsense", f"{KID}=!!!", f"{KID}=AAAA", "short=AAAA"])
@pytest.mark.usefixtures("deployment")
def test_keys_that_cannot_be_read_are_no_verdict_on_the_token(
    private_key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("JWT_PUBLIC_KEYS", value)
    authorizer.jwt_settings.cache_clear()

    kind, arguments = failure(a_jwt(private_key))

    authorizer.jwt_settings.cache_clear()
    assert (kind, arguments) != UNAUTHORIZED


# ---------------------------------------------------------------- what a decision needs to load

_PROGRAM = """
import json, sys
from functions.authorizer import app
try:
    reply = app.handler({"methodArn": sys.argv[1], "authorizationToken": sys.argv[2]}, None)
except Exception as error:
    reply = {"principalId": str(error)}
heavy = ("boto3", "botocore.client", "jwt", "cryptography")
print(json.dumps([reply["principalId"], [name for name in heavy if name in sys.modules]]))
"""


def loaded_for(token: str, key: rsa.RSAPrivateKey) -> list[Any]:
    """The caller, or the refusal, and the heavy modules that a fresh process loaded to tell."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "JWT_ISSUER": "kazoo",
        "JWT_SCOPES": "debug:read",
        "JWT_PUBLIC_KEYS": f"{KID}={public_text(key)}",
        "POWERTOOLS_SERVICE_NAME": "test",
    }
    command = [sys.executable, "-c", _PROGRAM, LIST_ARN, token]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: list[Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_jwt_is_decided_without_loading_botocore(private_key: rsa.RSAPrivateKey) -> None:
    token = a_jwt(private_key, exp=NOW + 3_153_600_000)

    assert loaded_for(token, private_key) == [f"jwt:{ACCOUNT}", ["jwt", "cryptography"]]


def test_junk_is_refused_without_loading_botocore(private_key: rsa.RSAPrivateKey) -> None:
    who, loaded = loaded_for("x" * 40, private_key)

    assert who == "Unauthorized"
    assert not {"botocore.client", "jwt"} & set(loaded)


def test_a_malformed_opaque_token_is_refused_without_loading_anything(private_key: rsa.RSAPrivateKey) -> None:
    assert loaded_for(TOKEN[:-1], private_key) == ["Unauthorized", []]
