"""What KAZOO does after an answer that it accepts: the next request, or the end. Pure.

The caller of the tried call presses the keys that are given and never hangs up. Nobody whom KAZOO JSON rings answers;
whoever a TwiML Dial rings does, and hangs up.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from pivot_debug.kazoo_urls import resolve_like_kazoo
from pivot_debug.twiml.contents import kazoo_text
from pivot_debug.twiml.xml_positions import Element
from pivot_debug_cli.kazoo_requests import Call, Params, Target, first_params, merged
from pivot_debug_cli.outline import Flow, chain

_RINGING = {"device", "group", "offnet", "page_group", "resources", "ring_group", "user"}
_LEAVING = {"callflow", "hangup", "response", "transfer"}
"""Modules after which KAZOO does not come back to the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the call carries from answer to answer.

    ``digits`` are the keys still to be pressed, ``collections`` what collect_dtmf has made of earlier ones. Of the
    parameters ``variables`` come with every further request of the same Pivot call, ``gathered`` with the next alone.
    """

    target: Target
    digits: tuple[str, ...] = ()
    collections: dict[str, str] = field(default_factory=dict)
    variables: Params = field(default_factory=dict)
    gathered: str = ""

    def pressed(self) -> tuple[str, "State"]:
        """The keys that the caller presses next, "" for none, and the state afterwards."""
        return (self.digits[0], replace(self, digits=self.digits[1:])) if self.digits else ("", self)

    def params(self, call: Call) -> Params:
        """All parameters of the next request. Named collections win over what a Gather got, as in KAZOO."""
        digits = self.collections or self.gathered
        own: Params = {"Digits": digits} if digits else {}
        return merged(first_params(call, self.target.req_format), own, self.variables)


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """The next request, and why it comes."""

    why: str
    state: State


@dataclass(frozen=True, slots=True)
class End:
    """The call ends, or goes on where no request can be foreseen."""

    why: str


# ---------------------------------------------------------------- KAZOO JSON


def after_flow(flow: Flow, state: State) -> Next | End:
    """Walk the effective flow along ``children._`` to the next ``pivot``."""
    module = ""
    for node in chain(flow):
        module, data = str(node["module"]), node.get("data", {})
        if data.get("skip_module") is True:
            continue
        if module == "pivot":
            return _nested_pivot(data, state)
        if module in _LEAVING:
            return End(_leaving(module, data))
        state = _COLLECTING[module](data, state) if module in _COLLECTING else state
    unanswered = " or nobody answers" if module in _RINGING else ""
    return End(f"nothing follows {module}: KAZOO hangs up when it is done{unanswered}")


def _nested_pivot(data: dict[str, Any], state: State) -> Next:
    """A Pivot call of its own: it inherits neither method nor format, and is iteration 1 again."""
    target = Target(
        url=data["voice_url"],
        method=str(data.get("method", "get")).lower(),
        req_format=data.get("req_format", "kazoo"),
        body_format=data.get("req_body_format", "form"),
    )
    pressed = "".join(f", {name} is {digits}" for name, digits in state.collections.items())
    return Next(why=f"module pivot{pressed}", state=replace(state, target=target, variables={}, gathered=""))


def _leaving(module: str, data: dict[str, Any]) -> str:
    if module == "callflow":
        return f"KAZOO goes on with the stored callflow {data.get('id', '')}".rstrip()
    if module == "transfer":
        return "KAZOO transfers the call away"
    status = f" with SIP {data['code']}" if module == "response" and "code" in data else ""
    return f"module {module}: KAZOO hangs up{status}"


def _collect(data: dict[str, Any], state: State) -> State:
    keys, state = state.pressed()
    endings = data.get("terminator") or "".join(data.get("terminators", ["#"]))
    digits = _until(keys, endings)[: data.get("max_digits", 1)]
    if not digits:
        return state
    return replace(state, collections=state.collections | {data.get("collection_name", "default"): digits})


def _flush(data: dict[str, Any], state: State) -> State:
    flushed = data.get("collection_name", "default")
    return replace(state, collections={name: keys for name, keys in state.collections.items() if name != flushed})


_COLLECTING: dict[str, Callable[[dict[str, Any], State], State]] = {"collect_dtmf": _collect, "flush_dtmf": _flush}


def _until(keys: str, endings: str) -> str:
    """The keys before the first one that ends the collection."""
    return keys[: next((index for index, key in enumerate(keys) if key in endings), len(keys))]


# ---------------------------------------------------------------- TwiML


def after_twiml(root: Element, state: State) -> Next | End:
    """Run verb after verb to the first one that makes the next request or ends the call."""
    state = replace(state, gathered="")
    for verb in root.elements:
        if verb.name in ("Hangup", "Reject"):
            return End(f"{verb.name}: KAZOO {'hangs up' if verb.name == 'Hangup' else 'rejects the call'}")
        step = _VERBS[verb.name](verb, state) if verb.name in _VERBS else state
        if isinstance(step, Next):
            return step
        state = step
    return End("all verbs are done: KAZOO hangs up")


def _redirect(verb: Element, state: State) -> Next:
    return _request(verb, state, kazoo_text(verb), "Redirect")


def _gather(verb: Element, state: State) -> Next | State:
    keys, state = state.pressed()
    finish = _attribute(verb, "finishOnKey")
    digits = _until(keys, "#" if finish is None else finish)[: _number_of_digits(verb)]
    if not digits:
        return state
    return _request(verb, replace(state, gathered=digits), _attribute(verb, "action"), f"Gather got {digits}")


def _number_of_digits(gather: Element) -> int | None:
    try:
        return round(float(_attribute(gather, "numDigits") or ""))
    except ValueError:  # KAZOO takes its default then, which is far off
        return None


def _record(verb: Element, state: State) -> Next:
    url, duration = f"{_attribute(verb, 'recordingUrl') or 'https://recordings.example'}/call_recording.mp3", 3
    made: Params = {"RecordingUrl": url, "RecordingDuration": duration}
    if state.target.req_format == "kazoo":
        made |= {"Recording-Url": url, "Recording-Duration": duration}
    return _request(verb, _knowing(state, made), _attribute(verb, "action"), "Record is finished")


def _dial(verb: Element, state: State) -> Next | State:
    action = _attribute(verb, "action")
    if action is None:
        return state
    outcome: Params = {"DialCallStatus": "completed", "DialCallSid": "dialled-call", "DialCallDuration": 3}
    return _request(verb, _knowing(state, outcome), action, "Dial is over")


def _set(verb: Element, state: State) -> State:
    pairs = {_attribute(each, "key"): _attribute(each, "value") for each in verb.elements if each.name == "Variable"}
    known: Params = {key: value for key, value in pairs.items() if key and value is not None}
    return _knowing(state, known)


def _knowing(state: State, more: Params) -> State:
    return replace(state, variables=state.variables | more)


_VERBS: dict[str, Callable[[Element, State], Next | State]] = {
    "Dial": _dial,
    "Gather": _gather,
    "Record": _record,
    "Redirect": _redirect,
    "Set": _set,
}


def _request(verb: Element, state: State, relative: str | None, why: str) -> Next:
    """A follow-up: POST unless the verb says get, whatever the request before was."""
    url = resolve_like_kazoo(state.target.url, relative)
    method = "get" if (_attribute(verb, "method") or "").lower() == "get" else "post"
    return Next(why=why, state=replace(state, target=replace(state.target, url=url, method=method)))


def _attribute(element: Element, name: str) -> str | None:
    return next((attribute.value for attribute in element.attributes if attribute.name == name), None)
