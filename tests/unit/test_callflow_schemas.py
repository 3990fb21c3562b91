"""The tables of call actions: complete, and each of their rules both satisfiable and enforced."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug.callflow import check_call_action
from pivot_debug.callflow.json_positions import pointer_of
from pivot_debug.callflow.json_reader import Path
from pivot_debug.callflow.modules import MODULES
from pivot_debug.callflow.schema import Schema

_NAMES = """
    acdc_agent acdc_member acdc_queue acdc_wait_time after_bridge answer audio_macro branch_bnumber branch_variable
    call_forward call_waiting callflow camping_feature check_cid cidlistmatch collect_dtmf conference
    conference_feature dead_air device directory disa do_not_disturb dynamic_cid eavesdrop eavesdrop_feature edr
    fax_detect faxbox flush_dtmf function group group_pickup group_pickup_feature hangup hotdesk intercept
    intercept_feature intercom language lookupcidname manual_presence menu missed_call_alert move nomorobo noop
    notification offnet page_group park pivot play prepend_cid privacy receive_fax record_call record_caller
    resources response ring_group ring_group_toggle route_to_cid send_dtmf set set_alert_info set_cid set_variable
    set_variables skel sleep temporal_route transfer tts user voicemail wait_for_hangup webhook
"""
NAMES = _NAMES.split()

REQUIRED = {
    "language": ["language"],
    "manual_presence": ["presence_id"],
    "missed_call_alert": ["recipients"],
    "nomorobo": ["username"],
    "page_group": ["endpoints"],
    "pivot": ["voice_url"],
    "ring_group": ["endpoints"],
    "ring_group_toggle": ["action", "callflow_id"],
    "send_dtmf": ["digits"],
    "set_alert_info": ["alert_info"],
    "tts": ["text"],
}
"""What has no default and must be sent, by module."""

MATCHES = {"^https?://": "https://pivot.example.com/x", "^[0-9]+$": "4711", "^[A-Za-z]{2}(-[A-Za-z]{2})?$": "de-CH"}
WRONG_TYPES: dict[str | None, Any] = {"array": {}, "boolean": "true", "integer": "7", "object": [], "string": 7}

modules = pytest.mark.parametrize("module", NAMES)


# ---------------------------------------------------------------- values made from the tables


def text_for(schema: Schema) -> str:
    if schema.format == "email":
        return "a@example.com"
    if schema.client_url:
        return "http://hooks.example.com/k"
    matching = MATCHES[schema.pattern] if schema.pattern else "x"
    return matching.ljust(schema.min_length, "x")


def scalar_for(schema: Schema) -> Any:
    if schema.enum:
        return schema.enum[-1]
    by_type = {"boolean": True, "integer": schema.minimum or 1, "object": {"X-Any": "x"}}
    return by_type[schema.type] if schema.type in by_type else text_for(schema)


def examples(schema: Schema) -> Iterator[Any]:
    """Valid values with every field filled in, one for each alternative in them."""
    if schema.alternatives():
        own = next(examples(Schema(type="object", fields=schema.fields)))
        for each in (value for part in schema.alternatives() for value in examples(part)):
            yield own | each if isinstance(each, dict) else each
    elif schema.items is not None:
        yield from ([item] for item in examples(schema.items))
    elif schema.fields or schema.like:
        fields = {**(schema.like.fields if schema.like else {}), **schema.fields}
        yield from objects({name: list(examples(field)) for name, field in fields.items()})
    else:
        yield scalar_for(schema)


def objects(choices: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """As many objects as the member with the most choices has, so that each choice occurs."""
    for n in range(max(map(len, choices.values()), default=1)):
        yield {name: values[n % len(values)] for name, values in choices.items()}


def breaches(schema: Schema, value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Places in a valid value, each with something that must not stand there."""
    if schema.alternatives():
        return
    yield path, WRONG_TYPES[schema.type]
    yield path, None
    yield from ((path, wrong) for wrong in beyond_limits(schema))
    fields = {**schema.fields, **(schema.like.fields if schema.like else {})}
    for name, field in fields.items():
        yield from breaches(field, value[name], (*path, name))
    if schema.items is not None:
        yield from breaches(schema.items, value[0], (*path, 0))


def beyond_limits(schema: Schema) -> Iterator[Any]:
    if schema.enum:
        yield "no such value" if schema.type == "string" else 1
    if schema.minimum is not None:
        yield schema.minimum - 1
    if schema.maximum is not None:
        yield schema.maximum + 1
    if schema.min_length:
        yield "x" * (schema.min_length - 1)
    if schema.max_length is not None:
        yield "x" * (schema.max_length + 1)
    if schema.pattern:
        yield "-"
    if schema.client_url:
        yield from ("http://localhost/x", "ftp://example.com/x")
    if schema.min_items:
        yield []
    if schema.unique_items:
        yield ["1", "2", "1"]


def replaced(value: Any, path: Path, wrong: Any) -> Any:
    copy = json.loads(json.dumps(value))
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = wrong
    return copy


def defaults_of(schema: Schema) -> dict[str, Any]:
    return {name: field.default for name, field in schema.fields.items() if field.has_default()}


def least_of(module: str) -> dict[str, Any]:
    """The least data that a module is content with."""
    schema = MODULES[module]
    least = {name: next(examples(schema.fields[name])) for name in REQUIRED.get(module, [])}
    return least | ({"macros": [{"macro": "prompt"}]} if module == "audio_macro" else {})


def answer(module: str, data: Any) -> str:
    return json.dumps({"module": module, "data": data})


# ---------------------------------------------------------------- completeness


def test_all_78_modules_are_described_and_no_other() -> None:
    assert len(NAMES) == 78
    assert sorted(MODULES) == NAMES


def test_the_modules_that_need_data_are_these() -> None:
    required = {
        module: sorted(name for name, field in schema.fields.items() if field.required and not field.has_default())
        for module, schema in MODULES.items()
    }

    assert {module: names for module, names in required.items() if names} == REQUIRED


def test_every_module_but_one_can_be_skipped() -> None:
    assert [module for module, schema in MODULES.items() if "skip_module" not in schema.fields] == ["notification"]


def parts_of(schema: Schema) -> Iterator[Schema]:
    yield schema
    below = (*schema.fields.values(), *schema.alternatives(), schema.items, schema.members, schema.like)
    for part in below:
        if part is not None:
            yield from parts_of(part)


@modules
def test_every_default_satisfies_its_own_description(module: str) -> None:
    for schema in parts_of(MODULES[module]):
        if schema.default is not None and not schema.alternatives():
            assert not schema.enum or schema.default in schema.enum
            assert isinstance(schema.default, type(scalar_for(schema)) if schema.type != "array" else list)


def test_the_only_formats_are_one_that_kazoo_enforces_and_one_that_it_does_not() -> None:
    assert {part.format for schema in MODULES.values() for part in parts_of(schema)} == {None, "email", "uri"}


# ---------------------------------------------------------------- what is valid passes


@modules
def test_given_every_field_of_a_module_in_every_form_then_nothing_is_found(module: str) -> None:
    for data in examples(MODULES[module]):
        result = check_call_action(answer(module, data | ({"debug": True} if module == "pivot" else {})))

        assert [finding.as_json() for finding in result.findings] == []
        assert result.schema_errors is None
        assert result.effective_flow is not None


@modules
def test_given_only_what_must_be_sent_then_the_defaults_are_filled_in(module: str) -> None:
    least = least_of(module)

    result = check_call_action(answer(module, least))

    assert result.schema_errors is None
    assert result.effective_flow is not None
    filled_in = {name: value for name, value in result.effective_flow["data"].items() if name not in least}
    assert filled_in == {name: value for name, value in defaults_of(MODULES[module]).items() if name not in least}


@modules
def test_without_data_a_module_passes_exactly_if_it_needs_none(module: str) -> None:
    result = check_call_action(json.dumps({"module": module}))

    needs_data = module in {*REQUIRED, "audio_macro"}
    assert (result.effective_flow is None) == needs_data
    assert (result.schema_errors is not None) == needs_data


# ---------------------------------------------------------------- what is broken fails, and where it is broken


@modules
def test_given_one_broken_value_then_the_fault_is_found_at_its_place(module: str) -> None:
    schema = MODULES[module]
    whole = {"module": module, "data": next(examples(schema))}

    for path, wrong in breaches(schema, whole["data"], ("data",)):
        result = check_call_action(json.dumps(replaced(whole, path, wrong)))

        errors = [finding for finding in result.findings if finding.severity == "error"]
        assert [(error.code, error.pointer) for error in errors] == [("schema_violation", pointer_of(path))], wrong
        assert list(result.schema_errors or {}) == [".".join(map(str, path))]
        assert result.effective_flow is None


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in REQUIRED.items() for name in names])
def test_given_a_required_field_is_missing_then_it_is_missed(module: str, name: str) -> None:
    data = next(examples(MODULES[module]))
    del data[name]

    result = check_call_action(answer(module, data | {"debug": True} if module == "pivot" else data))

    assert [finding.pointer for finding in result.findings] == [f"/data/{name}"]
    assert result.schema_errors == {
        f"data.{name}": {"required": {"message": "Field is required but missing", "value": name}}
    }


# ---------------------------------------------------------------- any answer made of valid parts


def actions() -> st.SearchStrategy[dict[str, Any]]:
    alone = st.sampled_from(NAMES).flatmap(
        lambda module: st.fixed_dictionaries(
            {"module": st.just(module), "data": st.sampled_from([least_of(module), *examples(MODULES[module])])}
        )
    )
    return st.recursive(
        alone,
        lambda inner: st.builds(
            lambda action, children: {**action, "children": children},
            alone,
            st.dictionaries(st.sampled_from(["_", "1", "timeout", "a.b", "c/d"]), inner, max_size=2),
        ),
        max_leaves=6,
    )


@settings(max_examples=200, deadline=None)
@given(actions())
def test_given_valid_actions_nested_in_any_way_then_the_whole_is_valid(action: dict[str, Any]) -> None:
    result = check_call_action(json.dumps(action))

    assert result.schema_errors is None
    assert {finding.code for finding in result.findings} <= {"debug_not_inherited"}


@settings(max_examples=200, deadline=None)
@given(actions())
def test_what_kazoo_would_execute_is_valid_and_already_complete(action: dict[str, Any]) -> None:
    effective = check_call_action(json.dumps(action)).effective_flow

    again = check_call_action(json.dumps(effective))

    assert again.effective_flow == effective
    assert again.schema_errors is None
