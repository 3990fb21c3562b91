"""What a debug document holds; KAZOO itself marks neither its type nor its purpose. Pure."""

from pivot_debug.errors import InvalidRequestError
from pivot_debug.models import Document, Kind, RecordType

# Only the calls of a list have these, here and with KAZOO.
_LIST_FIELDS = frozenset({"has_json_errors", "has_schema_errors", "status_code"})


def record_type_of(document: Document) -> RecordType:
    """What the document holds; errors come first, because KAZOO repeats the response's body beside them."""
    for error in (
        RecordType.JSON_ERRORS,
        RecordType.SCHEMA_ERRORS,
        RecordType.TWIML_ERRORS,
        RecordType.TRANSPORT_ERROR,
    ):
        if document.get(error) is not None:
            return error
    if _LIST_FIELDS & document.keys():
        message = "this is a call of the list, not a debug record: send what /pivot/debug/{call_id} answers"
        raise InvalidRequestError("document", "type", message)
    if any(document.get(name) is not None for name in ("resp_status_code", "resp_headers", "resp_body")):
        return RecordType.RESPONSE
    if any(document.get(name) is not None for name in ("uri", "method")):
        return RecordType.REQUEST
    raise InvalidRequestError("document", "type", "holds neither a request, nor a response, nor errors")


def kind_of(document: Document) -> Kind:
    """What the exchange was for: the form body of KAZOO's report at a call's end gives it away."""
    if document.get("kind") == Kind.CDR:
        return Kind.CDR
    body = "&" + (document.get("req_body") or "")
    ends_a_call = "&Hangup-Cause=" in body or "&Duration-Seconds=" in body
    controls = "&Api-Version=" in body or "&ApiVersion=" in body
    is_post = (document.get("method") or "").lower() == "post"
    return Kind.CDR if ends_a_call and not controls and is_post else Kind.VOICE
