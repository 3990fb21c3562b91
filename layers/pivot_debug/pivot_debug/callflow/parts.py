"""Values that several call actions share: endpoints, recipients, macros, conferences, SIP headers. Data."""

from pivot_debug.callflow.schema import (
    BOOLEAN,
    INTEGER,
    OBJECT,
    STRING,
    Schema,
    array,
    boolean,
    integer,
    object_of,
    string,
)

STRINGS = array(STRING)
CLIENT_URL = string(client_url=True)
RECORDING_URL = Schema(type="string", format="uri", client_url=True)
HEX_ID = string(min_length=32, max_length=32)
DTMF_KEYS = tuple("1234567890#*")
TERMINATORS = array(STRING, default="123456789*0#")

BOOLEAN_OR_STRING = Schema(one_of=(BOOLEAN, STRING))
FAX_OPTION = Schema(one_of=(BOOLEAN, string(enum=("auto", "true", "false"))))
RINGTONES = object_of({"external": STRING, "internal": STRING})
CALLER_ID = object_of({"name": STRING, "number": STRING})

ENDPOINT = object_of(
    {
        "delay": integer(default=0),
        "endpoint_type": string(required=True, enum=("device", "user", "group")),
        "id": string(required=True, min_length=1, max_length=128),
        "timeout": integer(default=20),
        "weight": integer(minimum=1, maximum=100),
    }
)

_EMAIL = Schema(type="string", format="email")

RECIPIENT = object_of(
    {
        "id": Schema(required=True, one_of=(_EMAIL, array(_EMAIL))),
        "type": string(required=True, enum=("user", "email")),
    }
)

# The range A-z is KAZOO's: it lets [ \ ] ^ and ` through.
_SIP_HEADERS = Schema(type="object", name_pattern=r"^[a-zA-z0-9_\-]+$", members=STRING)

SIP_HEADERS = Schema(
    type="object",
    any_of=(_SIP_HEADERS, Schema(fields={"in": _SIP_HEADERS, "out": _SIP_HEADERS})),
)

PLAY = object_of(
    {
        "answer": BOOLEAN,
        "endless_playback": boolean(default=False),
        "id": STRING,
        "loop_count": integer(minimum=1),
        "skip_module": BOOLEAN,
        "terminators": TERMINATORS,
    }
)

TTS = object_of(
    {
        "endless_playback": BOOLEAN,
        "engine": string(enum=("flite", "google", "ispeech", "voicefabric")),
        "language": STRING,
        "skip_module": BOOLEAN,
        "terminators": TERMINATORS,
        "text": string(required=True, min_length=1, max_length=1000),
        "voice": string(default="female"),
    }
)

_TONES = object_of(
    {
        "duration_off": INTEGER,
        "duration_on": INTEGER,
        "frequencies": array(INTEGER),
        "repeat": INTEGER,
        "volume": integer(minimum=0, maximum=100),
    }
)

_PROMPT = object_of({"id": STRING, "language": STRING, "terminators": TERMINATORS})

_SAY = object_of(
    {
        "gender": string(enum=("masculine", "feminine", "neuter")),
        "language": STRING,
        "method": string(enum=("none", "pronounced", "iterated", "counted")),
        "terminators": TERMINATORS,
        "text": STRING,
        "type": string(
            enum=(
                "number",
                "items",
                "persons",
                "messages",
                "currency",
                "time_measurement",
                "current_date",
                "current_time",
                "current_date_time",
                "telephone_number",
                "telephone_extension",
                "url",
                "ip_address",
                "e-mail_address",
                "postal_address",
                "account_number",
                "name_spelled",
                "name_phonetic",
                "short_date_time",
            )
        ),
    }
)


def _macro(name: str, like: Schema) -> Schema:
    return Schema(like=like, fields={"macro": string(enum=(name,))})


MACRO = Schema(
    type="object",
    fields={"macro": string(required=True, enum=("play", "prompt", "say", "tts", "tone"))},
    one_of=(
        _macro("play", PLAY),
        _macro("tone", _TONES),
        _macro("prompt", _PROMPT),
        _macro("say", _SAY),
        _macro("tts", TTS),
    ),
)

_DIGITS = string(pattern="^[0-9]+$")
_NUMBERS = array(_DIGITS, default=(), unique_items=True)
_PINS = array(_DIGITS, default=())

_PROFILE = object_of(
    {
        "alone-sound": STRING,
        "announce-count": INTEGER,
        "caller-controls": STRING,
        "comfort-noise": integer(minimum=0, maximum=10000),
        "energy-level": integer(minimum=0, maximum=1800),
        "enter-sound": STRING,
        "exit-sound": STRING,
        "interval": integer(minimum=10, maximum=120),
        "locked-sound": STRING,
        "max-members": integer(minimum=2),
        "max-members-sound": STRING,
        "moderator-controls": STRING,
        "moh-sound": STRING,
        "muted-sound": STRING,
        "rate": Schema(type="integer", enum=(8000, 12000, 16000, 24000, 32000, 44100, 48000)),
        "unmuted-sound": STRING,
    }
)

CONFERENCE = object_of(
    {
        "bridge_password": STRING,
        "bridge_username": STRING,
        "caller_controls": STRING,
        "conference_numbers": _NUMBERS,
        "controls": OBJECT,
        "domain": STRING,
        "flags": STRINGS,
        "focus": STRING,
        "language": STRING,
        "max_members_media": STRING,
        "max_participants": INTEGER,
        "member": object_of(
            {
                "join_deaf": boolean(default=False),
                "join_muted": boolean(default=True),
                "numbers": _NUMBERS,
                "pins": _PINS,
                "play_entry_prompt": BOOLEAN,
            },
            is_empty_by_default=True,
        ),
        "moderator": object_of(
            {
                "join_deaf": boolean(default=False),
                "join_muted": boolean(default=False),
                "numbers": _NUMBERS,
                "pins": _PINS,
            },
            is_empty_by_default=True,
        ),
        "moderator_controls": STRING,
        "name": string(min_length=1, max_length=128),
        "owner_id": HEX_ID,
        "play_entry_tone": BOOLEAN_OR_STRING,
        "play_exit_tone": BOOLEAN_OR_STRING,
        "play_name": boolean(default=False),
        "play_welcome": BOOLEAN,
        "profile": _PROFILE,
        "profile_name": STRING,
        "require_moderator": BOOLEAN,
        "wait_for_moderator": BOOLEAN,
    }
)
