"""What becomes of a call, in sentences that several entries share. Read in the source of KAZOO. Pure data."""

NO_ANSWER = (
    "KAZOO newer than 4.3 leaves the caller in silence for at least 10 s and then goes to the failure branch `_`; 4.3 "
    "(since June 2020) goes there at once; 4.2 and older stay silent until the caller hangs up."
)
RELAY_SAYS_SO = "Through the relay KAZOO gets a 502 at once, and goes to `_` as after any `http_5xx`."
RELAY_SAYS_SO_IN_TIME = (
    "Through the relay KAZOO gets a 504 shortly before its limit, and goes to `_` as after any `http_5xx`."
)
NO_ANSWER_AT_ALL = f"{NO_ANSWER} {RELAY_SAYS_SO}"

BRANCH = "KAZOO does not read the body and goes to the failure branch `_` at once."
LATER_STEP = (
    "In a later step of a TwiML call, 4.3 and newer have left the callflow already: there is no `_` to go to, and the "
    "caller hears silence."
)
FAILED_STATUS = f"{BRANCH} {LATER_STEP}"

HANGS_UP = (
    "KAZOO hangs up, and does not go to the failure branch `_`. If the pivot action has a `cdr_url` it does not hang "
    "up either: the caller hears silence for 10 s, then KAZOO goes to `_` (4.2 and older: silence until the caller "
    "hangs up)."
)
BRANCH_OR_HANG_UP = (
    "KAZOO reports a failure and hangs up at the same time: the call goes to the failure branch `_` or ends, whichever "
    "comes first. If the pivot action has a `cdr_url`, it goes to `_`."
)
SCHEMA_REFUSED = (
    "KAZOO 4.0 hangs up. 4.1 and 4.2 go to the failure branch `_`. 4.3 and newer do neither: the caller hears silence "
    "until hanging up. Newer than 4.0, KAZOO stores no error."
)
HANGS_UP_AT_VERB = (
    "KAZOO runs the verbs in order and hangs up when it comes to this one; it does not go to the failure branch `_`, "
    "and stores no error. If the pivot action has a `cdr_url` it does not hang up either, and the caller hears silence."
)
