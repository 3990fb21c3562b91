"""Where a record stands among those of its moment: request, response, errors. The rank is part of its place. Pure."""

from pivot_debug.models import Kind, RecordType

BODY_HALF = 25
"""Until 2015 KAZOO kept status and headers in one document and the body in another; this is the second."""

_RANKS = {
    (Kind.VOICE, RecordType.REQUEST): 10,
    (Kind.VOICE, RecordType.RESPONSE): 20,
    (Kind.VOICE, RecordType.TRANSPORT_ERROR): 30,
    (Kind.VOICE, RecordType.JSON_ERRORS): 40,
    (Kind.VOICE, RecordType.SCHEMA_ERRORS): 50,
    (Kind.VOICE, RecordType.TWIML_ERRORS): 60,
    # KAZOO marks no answer as one to its report, so the report must sort before any answer of its second.
    (Kind.CDR, RecordType.REQUEST): 15,
    (Kind.CDR, RecordType.RESPONSE): 22,
    (Kind.CDR, RecordType.TRANSPORT_ERROR): 32,
}
_CDR = frozenset(rank for (kind, _), rank in _RANKS.items() if kind is Kind.CDR)
_TYPES = {rank: record_type for (_, record_type), rank in _RANKS.items()} | {BODY_HALF: RecordType.RESPONSE}


def rank_of(record_type: RecordType, kind: Kind) -> int:
    """The rank; errors in an answer rank alike whatever the exchange was for."""
    return _RANKS.get((kind, record_type), _RANKS[Kind.VOICE, record_type])


def type_of(rank: int) -> RecordType:
    """What a record of this rank holds; KeyError for a rank that no record has."""
    return _TYPES[rank]


def is_cdr(rank: int) -> bool:
    return rank in _CDR
