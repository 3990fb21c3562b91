"""The gateway policy of a token. Pure.

API Gateway reuses the policy for every request that the token makes within a minute. So it names exactly what the token
may reach, and nothing of the request at hand: a policy that echoed the path would let ``/accounts/*/`` open every
account.
"""

from typing import Any

from pivot_debug.caller import DELETE, READ, WRITE, to_context
from pivot_debug.tokens import Caller

# Where one pattern stands for a list and what is below it, two would not fit into API Gateway's 8 KB.
_ROUTES = {
    READ: (
        *(("GET", "pivot/debug"), ("GET", "pivot/debug/*"), ("HEAD", "pivot/debug*")),
        ("PUT", "pivot/validate"),
    ),
    WRITE: (("PUT", "pivot/debug"), ("*", "pivot/relays*")),
    DELETE: (("DELETE", "pivot/debug/*"),),
}
_VERB_WITH_A_SLASH = "*/*/v2/accounts/*/pivot/relays*"
"""IAM's ``*`` matches slashes too: as a verb it would be ``GET/v2/accounts/{another}/pivot/debug`` as well."""


def policy_for(caller: Caller, method_arn: str) -> dict[str, Any]:
    """The authorizer's answer. Of *method_arn* only the API and its stage are used."""
    stage_arn = "/".join(method_arn.split("/")[:2])
    return {
        "principalId": caller.name,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                _statement("Allow", _resources(caller, stage_arn)),
                _statement("Deny", [f"{stage_arn}/{_VERB_WITH_A_SLASH}"]),
            ],
        },
        "context": to_context(caller),
    }


def _statement(effect: str, resources: list[str]) -> dict[str, Any]:
    return {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resources}


def _resources(caller: Caller, stage_arn: str) -> list[str]:
    # The error dictionary is the same for everybody.
    common = [f"{stage_arn}/{verb}/v2/pivot/errors{rest}" for verb in ("GET", "HEAD") for rest in ("", "/*")]
    return common + [
        f"{stage_arn}/{verb}/v2/accounts/{account}/{path}"
        for account in caller.accounts
        for scope in caller.scopes
        for verb, path in _ROUTES.get(scope, ())
    ]
