"""What each of KAZOO's 78 call actions takes. Data: names, types, limits and defaults, no more."""

from collections.abc import Mapping

from pivot_debug.callflow.dialling import DIALLING
from pivot_debug.callflow.dialogue import DIALOGUE
from pivot_debug.callflow.schema import BOOLEAN, OBJECT, Schema, object_of, string
from pivot_debug.callflow.services import SERVICES

ACTION = object_of({"module": string(required=True, min_length=1, max_length=64), "data": OBJECT, "children": OBJECT})
"""An action: what all have in common. Its data is described by MODULES, each of its children by ACTION again."""

_NEVER_SKIPPED = {"notification"}
_READS_ANY_NAME = {"set"}
"""Its data are the variables themselves."""


def _data_of(module: str, fields: Mapping[str, Schema]) -> Schema:
    common = {} if module in _NEVER_SKIPPED else {"skip_module": BOOLEAN}
    return Schema(type="object", fields={**fields, **common}, is_open=module in _READS_ANY_NAME)


MODULES: Mapping[str, Schema] = {
    module: _data_of(module, fields) for module, fields in {**DIALLING, **DIALOGUE, **SERVICES}.items()
}
"""The data of each module."""
