"""The gateway policy of a token. Pure.

API Gateway reuses the policy for every request that the token makes within a minute. So it names exactly what the token
may reach, and nothing of the request at hand: a policy that echoed the path would let ``/accounts/*/`` open every
account.
"""

from typing import Any

from pivot_debug.caller import READ, WRITE, to_context
from pivot_debug.tokens import Caller

_ROUTES = {
    READ: (
        *(("GET", "pivot/debug"), ("GET", "pivot/debug/*"), ("HEAD", "pivot/debug"), ("HEAD", "pivot/debug/*")),
        ("PUT", "pivot/validate"),
    ),
    WRITE: (("PUT", "pivot/debug"),),
}


def policy_for(caller: Caller, method_arn: str) -> dict[str, Any]:
    """The authorizer's answer. Of *method_arn* only the API and its stage are used."""
    stage_arn = "/".join(method_arn.split("/")[:2])
    return {
        "principalId": caller.name,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": _resources(caller, stage_arn)}
            ],
        },
        "context": to_context(caller),
    }


def _resources(caller: Caller, stage_arn: str) -> list[str]:
    # The error dictionary is the same for everybody.
    common = [f"{stage_arn}/{verb}/v2/pivot/errors{rest}" for verb in ("GET", "HEAD") for rest in ("", "/*")]
    return common + [
        f"{stage_arn}/{verb}/v2/accounts/{account}/{path}"
        for account in caller.accounts
        for scope in caller.scopes
        for verb, path in _ROUTES.get(scope, ())
    ]
