"""What the names of members, elements and attributes say of what stands below them, in an answer. Pure."""

from pivot_debug.json_leaves import MAX_NAMES
from pivot_debug.telling_names import Sense, sense_of

_OF_CALL_FLOWS = frozenset({"code", "key"})
"""Secret names of requests that call flows use for what everybody may see."""

_BRANCHES = "children"
"""A branch of a call flow, below these, may have any name."""


class AnswerNames(dict[str, Sense]):
    """What each name says, found out once; what says less than *least* says nothing."""

    def __init__(self, least: Sense) -> None:
        super().__init__()
        self._least = least

    def __missing__(self, name: str) -> Sense:
        sense = _sense_in_answer(name)
        self[name] = sense if sense >= self._least else Sense.NOTHING
        return self[name]

    def if_telling(self, name: str) -> str:
        """The name, if its value is treated otherwise because of it."""
        return name if self[name] else ""

    def telling_among(self, names: tuple[str, ...]) -> str:
        """The innermost of those that say most; of a telephone number or an id only the last may tell."""
        told, most, last = "", Sense.NOTHING, len(names) - 1
        for at in range(last, 0 if len(names) == MAX_NAMES else -1, -1):
            sense = self[names[at]]
            is_branch = at > 0 and names[at - 1] == _BRANCHES
            if sense > most and not is_branch and (at == last or sense is not Sense.IDENTITY):
                told, most = names[at], sense
        return told


def _sense_in_answer(name: str) -> Sense:
    """A name may lead through others: ``data.password``."""
    sense = sense_of(name)
    is_of_call_flow = sense is Sense.SECRET and name.lower().rpartition(".")[2] in _OF_CALL_FLOWS
    return Sense.NOTHING if is_of_call_flow else sense
