"""Lets a server on this machine be tried, although KAZOO would refuse its addresses. Pure."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from pivot_debug.diagnosis import Answer, Diagnosis, diagnose
from pivot_debug.findings import Finding
from pivot_debug_cli.answers import has_errors

_STAND_INS = {"127.0.0.1": "127-0-0-1", "0.0.0.0": "0-0-0-0", "localhost": "loc-lhost"}  # noqa: S104 - nothing is bound
"""Public names in place of the hosts that KAZOO refuses, of the same length: places in the body stay where they are."""


def diagnose_near(answer: Answer, url: str) -> tuple[Diagnosis, str]:
    """The diagnosis, with the host of *url* taken for a public one; and a remark, where that made a difference."""
    diagnosis = diagnose(answer)
    host = urlsplit(url).hostname or ""
    if host not in _STAND_INS or not has_errors(diagnosis) or diagnosis.schema_errors is None:
        return diagnosis, ""
    body = (answer.body or "").replace(f"/{host}", f"/{_STAND_INS[host]}")
    public = diagnose(replace(answer, body=body))
    if len(public.findings) == len(diagnosis.findings):
        return diagnosis, ""
    remark = f"KAZOO refuses a nested voice_url on {host}; here it counts as a public address."
    findings = [_restored_finding(finding, host) for finding in public.findings]
    return replace(public, findings=findings, effective_flow=_restored(public.effective_flow, host)), remark


def _restored_finding(finding: Finding, host: str) -> Finding:
    shown = {"message": finding.message, "got": finding.got, "excerpt": finding.excerpt}
    return replace(finding, **_restored(shown, host))


def _restored(value: Any, host: str) -> Any:
    return json.loads(json.dumps(value).replace(_STAND_INS[host], host))
