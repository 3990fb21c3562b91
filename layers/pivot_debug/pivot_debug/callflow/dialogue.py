"""Call actions that speak, listen, record, and take messages and faxes. Data."""

from collections.abc import Mapping

from pivot_debug.callflow.parts import DTMF_KEYS, FAX_OPTION, HEX_ID, MACRO, PLAY, RECORDING_URL, TERMINATORS, TTS
from pivot_debug.callflow.schema import INTEGER, STRING, Schema, array, boolean, integer, object_of, string

DIALOGUE: Mapping[str, Mapping[str, Schema]] = {
    "answer": {},
    "audio_macro": {
        "language": STRING,
        "macros": array(MACRO, default=(), min_items=1),
        "terminators": TERMINATORS,
    },
    "collect_dtmf": {
        "collection_name": STRING,
        "interdigit_timeout": integer(minimum=1),
        "max_digits": integer(default=1, minimum=1),
        "terminator": string(default="#", enum=DTMF_KEYS),
        "terminators": array(string(enum=DTMF_KEYS), unique_items=True),
        "timeout": integer(default=5000, minimum=1),
    },
    "dead_air": {},
    "fax_detect": {"duration": INTEGER},
    "faxbox": {
        "faxbox_id": STRING,
        "id": STRING,
        "media": object_of({"fax_option": FAX_OPTION}),
    },
    "flush_dtmf": {"collection_name": string(default="default")},
    "language": {"language": string(required=True, pattern="^[A-Za-z]{2}(-[A-Za-z]{2})?$")},
    "noop": {},
    "play": PLAY.fields,
    "privacy": {
        "endpoint_strategy": string(default="overwrite", enum=("overwrite", "merge")),
        "mode": string(default="full", enum=("full", "name", "number", "yes")),
    },
    "receive_fax": {
        "media": object_of({"fax_option": FAX_OPTION}),
        "owner_id": STRING,
    },
    "record_call": {
        "action": string(required=True, default="start", enum=("start", "stop")),
        "format": string(enum=("mp3", "wav")),
        "label": STRING,
        "media_name": STRING,
        "method": string(default="put", enum=("put", "post")),
        "origin": STRING,
        "record_min_sec": INTEGER,
        "record_on_answer": boolean(default=False),
        "record_on_bridge": boolean(default=False),
        "record_sample_rate": INTEGER,
        "should_follow_transfer": boolean(default=True),
        "time_limit": integer(default=3600, minimum=5, maximum=10800),
        "url": RECORDING_URL,
    },
    "record_caller": {
        "format": string(enum=("mp3", "wav")),
        "method": string(default="put", enum=("put", "post")),
        "time_limit": integer(default=3600, minimum=5, maximum=10800),
        "url": RECORDING_URL,
    },
    "send_dtmf": {
        "digits": string(required=True),
        "duration_ms": Schema(default="2000", one_of=(INTEGER, STRING)),
    },
    "set_alert_info": {"alert_info": string(required=True)},
    "sleep": {
        "duration": integer(default=0, minimum=0, maximum=86400000),
        "unit": string(default="s", enum=("ms", "s", "m", "h")),
    },
    "tts": TTS.fields,
    "voicemail": {
        "action": string(default="compose", enum=("check", "compose")),
        "callerid_match_login": boolean(default=False),
        "id": HEX_ID,
        "interdigit_timeout": integer(default=2000),
        "max_message_length": integer(default=500),
        "single_mailbox_login": boolean(default=False),
    },
}
