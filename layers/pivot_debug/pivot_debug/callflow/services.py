"""Call actions that set, look up, decide, queue and report. Data."""

from collections.abc import Mapping

from pivot_debug.callflow.parts import CALLER_ID, CLIENT_URL, RECIPIENT
from pivot_debug.callflow.schema import BOOLEAN, INTEGER, OBJECT, STRING, Schema, array, boolean, object_of, string

SERVICES: Mapping[str, Mapping[str, Schema]] = {
    "acdc_agent": {
        "action": string(enum=("login", "logout", "paused", "resume")),
        "presence_id": STRING,
        "presence_state": string(enum=("early", "confirmed", "terminated", "red_flash", "red_solid", "green")),
        "timeout": INTEGER,
    },
    "acdc_member": {
        "id": STRING,
        "priority": INTEGER,
    },
    "acdc_queue": {
        "action": string(enum=("login", "logout")),
        "id": STRING,
    },
    "acdc_wait_time": {
        "id": STRING,
        "window": INTEGER,
    },
    "branch_bnumber": {
        "hunt": boolean(default=False),
        "hunt_allow": STRING,
        "hunt_deny": STRING,
    },
    "branch_variable": {
        "scope": string(
            default="custom_channel_vars", enum=("account", "custom_channel_vars", "device", "merged", "user")
        ),
        "variable": string(required=True, default=""),
    },
    "call_forward": {"action": string(enum=("activate", "deactivate", "update", "toggle", "menu"))},
    "call_waiting": {
        "action": string(default="toggle", enum=("activate", "deactivate", "toggle")),
        "scope": string(default="device", enum=("device", "user")),
    },
    "check_cid": {
        "caller_id": object_of({"external": CALLER_ID}),
        "regex": string(default=".*"),
        "use_absolute_mode": boolean(default=False),
        "user_id": STRING,
    },
    "cidlistmatch": {"id": STRING},
    "do_not_disturb": {
        "action": string(enum=("activate", "deactivate", "toggle")),
        "id": STRING,
    },
    "dynamic_cid": {
        "action": string(enum=("list", "lists", "manual", "static")),
        "caller_id": CALLER_ID,
        "enforce_call_restriction": boolean(default=True),
        "id": STRING,
        "idx_name": STRING,
        "interdigit_timeout": INTEGER,
        "max_digits": INTEGER,
        "media_id": STRING,
        "min_digits": INTEGER,
        "permit_custom_callflow": boolean(default=False),
        "whitelist_regex": STRING,
    },
    "edr": {},
    "function": {"id": STRING},
    "lookupcidname": {"lists": array(STRING, required=True, default=())},
    "missed_call_alert": {"recipients": array(RECIPIENT, required=True)},
    "nomorobo": {
        "password": string(min_length=1, max_length=1000),
        "username": string(required=True, min_length=1, max_length=1000),
    },
    "notification": {
        "comments": STRING,
        "notification_media": array(string(enum=("email", "sms"))),
        "recipients": array(RECIPIENT, required=True, default=()),
        "send_at": string(default="channel_destroy", enum=("callflow_exec", "channel_destroy")),
        "template_id": STRING,
    },
    "prepend_cid": {
        "action": string(default="prepend", enum=("reset", "prepend")),
        "apply_to": string(default="current", enum=("original", "current")),
        "caller_id_name_prefix": string(default=""),
        "caller_id_number_prefix": string(default=""),
    },
    "set": {},
    "set_cid": {
        "caller_id_name": string(default=""),
        "caller_id_number": string(default=""),
    },
    "set_variable": {
        "channel": string(default="a", enum=("a", "both")),
        "value": STRING,
        "variable": STRING,
    },
    "set_variables": {
        "custom_application_vars": Schema(type="object", is_open=True, required=True, default={}),
        "export": BOOLEAN,
    },
    "skel": {},
    "webhook": {
        "custom_data": OBJECT,
        "http_verb": string(enum=("post", "get")),
        "retries": INTEGER,
        "uri": CLIENT_URL,
    },
}
