"""TwiML as KAZOO knows it: verbs, nouns, their attributes and what each may hold. Pure data.

Read in the source of KAZOO (``kzt_twiml*``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

HANGS_UP = "KAZOO then hangs up."


@dataclass(frozen=True, slots=True)
class OneOf:
    values: tuple[str, ...]
    any_case: bool = False

    @property
    def expected(self) -> str:
        return "one of " + ", ".join(value or '""' for value in self.values)

    def consequence(self, value: str) -> str | None:
        return None if (value.lower() if self.any_case else value) in self.values else HANGS_UP

    def variants(self, value: str) -> list[str]:
        """What *value* differs from in letter case, or by a region as ``en-US`` does."""
        low = value.lower()
        return [each for each in self.values if each == low] or [each for each in self.values if each == low[:2]]


@dataclass(frozen=True, slots=True)
class _Number:
    """KAZOO rounds, and takes the default for what is no number; out of range it fails."""

    minimum: int | None = None
    maximum: int | None = None

    @property
    def expected(self) -> str:
        lower = "" if self.minimum is None else f" from {self.minimum}"
        return f"a whole number{lower}" + ("" if self.maximum is None else f" to {self.maximum}")

    def consequence(self, value: str) -> str | None:
        if not re.fullmatch(r"[+-]?[0-9]+(?:\.[0-9]+)?", value):
            return "KAZOO takes its default instead."
        low = self.minimum is not None and float(value) < self.minimum - 0.5
        high = self.maximum is not None and float(value) >= self.maximum + 0.5
        return HANGS_UP if low or high else None


class _Flag:
    expected = "true or false"

    def consequence(self, value: str) -> str | None:
        return None if value in ("true", "false") else "KAZOO takes it for false."


Rules = Mapping[str, OneOf | _Number | _Flag | None]
"""The attributes that an element has, and what each may hold; ``consequence`` tells what KAZOO does otherwise."""

_ANY, _FLAG, _SECONDS = None, _Flag(), _Number(1)
_METHOD = OneOf(("get", "post"), any_case=True)
_VOICE = OneOf(("man", "male", "woman", "female"))
STRATEGY = OneOf(("simultaneous", "single"))
_LOOP = _Number(0)
_MEMBER = {"muted": _FLAG, "deaf": _FLAG, "play_name": _FLAG, "play_entry_prompt": _FLAG}
_TUNING = {name: _Number() for name in ("announceCount", "comfortNoise", "energyLevel", "interval", "rate")}
_LABELS = dict.fromkeys(("callerControls", "moderatorControls", "callerIdName", "callerIdNumber", "waitUrl"), _ANY)

VERBS: Mapping[str, Rules] = {
    "Dial": {
        "action": _ANY,
        "callerId": _ANY,
        "collect_dtmf": _FLAG,
        "continueOnFail": _FLAG,
        "hangupOn": _ANY,
        "method": _METHOD,
        "record": _FLAG,
        "strategy": STRATEGY,
        "timeLimit": _Number(),
        "timeout": _SECONDS,
    },
    "Gather": {
        "action": _ANY,
        "finishOnKey": OneOf((*"0123456789*#", "")),
        "method": _METHOD,
        "numDigits": _Number(1),
        "timeout": _SECONDS,
    },
    "Hangup": {},
    "Pause": {"length": _SECONDS},
    "Play": {"loop": _LOOP, "terminators": _ANY},
    "Record": {
        "action": _ANY,
        "finishOnKey": _ANY,
        "maxLength": _Number(1, 3600),
        "method": _METHOD,
        "playBeep": _FLAG,
        "recordingUrl": _ANY,
        "timeout": _SECONDS,
    },
    "Redirect": {"method": _METHOD},
    "Reject": {"prompt": _ANY, "reason": OneOf(("rejected", "busy"))},
    "Say": {
        "engine": _ANY,
        "language": OneOf(("en", "en-gb", "es", "fr", "de", "it")),
        "loop": _LOOP,
        "terminators": _ANY,
        "voice": _VOICE,
    },
    "Set": {},
}
"""The verbs, and the attributes that KAZOO reads."""

NOUNS: Mapping[str, Rules] = {
    "Conference": {
        "beep": _FLAG,
        "endConferenceOnExit": _FLAG,
        "engine": _ANY,
        "maxParticipants": _Number(3, 40),
        "startConferenceOnEnter": _FLAG,
        "voice": _VOICE,
        **_MEMBER,
        **_TUNING,
        **_LABELS,
    },
    "Device": {},
    "Number": {},
    "Queue": {},
    "Sip": {},
    "User": {},
    "Variable": {"key": _ANY, "value": _ANY},
}
"""What stands in a Dial, or in a Set."""

RINGING = ("Device", "Number", "Sip", "User")

WITHOUT_EFFECT = {
    ("Conference", "waitMethod"): "waitUrl names the music itself.",
    ("Dial", "hangupOnStar"): 'Write hangupOn="*" together with record="true".',
    ("Gather", "hints"): "Gather hears keys, no speech.",
    ("Gather", "input"): "Gather hears keys, no speech.",
    ("Gather", "speechTimeout"): "Gather hears keys, no speech.",
    ("Number", "sendDigits"): "No digits are sent to the called party.",
    ("Number", "url"): "The called party hears nothing before the call is connected.",
    ("Play", "digits"): "To send digits, answer with KAZOO JSON and the module send_dtmf.",
}

MEANT = {
    "speak": "Say",
    "tts": "Say",
    "call": "Dial",
    "bridge": "Dial",
    "collect": "Gather",
    "getdigits": "Gather",
    "prompt": "Gather",
    "wait": "Pause",
    "sleep": "Pause",
    "end": "Hangup",
    "goto": "Redirect",
}
"""Names from elsewhere, in lower case."""
_STREAMS = "KAZOO's TwiML has no streams and no recordings beside the call: drop it."
_MESSAGES = "KAZOO's TwiML sends no messages: send it from your own server."
_QUEUES = "To queue a caller, answer with KAZOO JSON and the module acdc_member."
INSTEAD = {
    "Connect": "KAZOO's TwiML connects to phones alone: use Dial.",
    "Enqueue": _QUEUES,
    "Leave": "KAZOO's TwiML has no queues to leave: drop it.",
    "Message": _MESSAGES,
    "Pay": "KAZOO takes no payments: let a payment service call the caller, or Dial it.",
    "Prompt": "Use Gather with Say or Play in it.",
    "Refer": "Use Dial, or answer with KAZOO JSON and the module transfer.",
    "Siprec": _STREAMS,
    "Sms": _MESSAGES,
    "Start": _STREAMS,
    "Stop": _STREAMS,
    "Stream": _STREAMS,
    "Transcription": _STREAMS,
    "Application": "Use Redirect to go on at another address.",
    "Queue": _QUEUES,
    "Client": "Use User or Device with the id that it has in KAZOO.",
    "Sim": "Use Device or Number.",
    "WhatsApp": "Use Number.",
}
"""Elements of Twilio that KAZOO lacks."""
