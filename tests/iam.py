"""IAM's word on a policy: what API Gateway makes of the authorizer's answer."""

import re
from functools import cache
from typing import Any

INVOKE = "execute-api:Invoke"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    steps = {"*": ".*", "?": "."}
    return re.compile("".join(steps.get(step, re.escape(step)) for step in pattern), re.DOTALL)


def matches(pattern: str, resource: str) -> bool:
    """``*`` is any text, slashes too, and ``?`` is any one character."""
    return _compiled(pattern).fullmatch(resource) is not None


def allows(policy: dict[str, Any], method_arn: str) -> bool:
    """Whether an Allow names the request and no Deny does; what none names is denied."""
    effects = {
        statement["Effect"]
        for statement in policy["policyDocument"]["Statement"]
        for pattern in _listed(statement["Resource"])
        if matches(pattern, method_arn) and any(matches(one, INVOKE) for one in _listed(statement["Action"]))
    }
    return effects == {"Allow"}


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
