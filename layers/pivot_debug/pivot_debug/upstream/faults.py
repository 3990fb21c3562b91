"""What can go wrong between a request and its answer, beside what the operating system reports. Pure.

Texts have no full stop: ``failures`` makes the sentences.
"""


class ExchangeFault(Exception):  # noqa: N818 - the base of errors
    """An exchange cannot go on."""


class BrokenOffError(ExchangeFault):
    """The server closed the connection where more should have come."""


class NotHttpError(ExchangeFault):
    """What the server sends is no HTTP answer; the text says why."""


class OversizedBodyError(ExchangeFault):
    """The body is larger than what is passed on; the text tells its size."""


class TooManyRedirectsError(ExchangeFault):
    """There was one redirect more than are followed; the text tells how many that are."""
