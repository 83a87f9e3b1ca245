"""An expression of a mapping that could blow a payload up is refused before it is saved."""

from __future__ import annotations

from typing import Any

import jmespath
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from kinetic.ingestion.connectors.generic import Expression
from kinetic.ingestion.connectors.growth import growth_of

EXPRESSION: TypeAdapter[str] = TypeAdapter(Expression)


@pytest.mark.parametrize(
    ("expression", "growth"),
    [
        ("issue.fields.priority.name", 1),
        ("alerts[?status == 'firing'] | [0].labels", 1),
        ("join('/', [project.key, issue.key])", 3),
        ("join('0123456789', items)", 8),
        ("[@, @]", 2),
        ("[@, @] | [@, @] | [@, @]", 8),
        ("map(&[@, @, @], items)", 3),
        ("to_string(to_string(@))", 4),
        ("items[].{a: x, b: @} | [0]", 2),
        ("a || b", 1),
    ],
)
def test_steps_in_a_row_multiply_and_steps_side_by_side_add_up(expression: str, growth: int) -> None:
    assert growth_of(expression) == growth


@pytest.mark.parametrize("step", ["[@, @]", "{a: @, b: @}", "map(&[@, @], @)", "to_string(@)"])
def test_an_expression_that_could_blow_a_payload_up_is_refused(step: str) -> None:
    with pytest.raises(ValidationError, match="times as much as the payload holds"):
        EXPRESSION.validate_python(" | ".join([step] * 15)[:300].rpartition(" | ")[0])


@pytest.mark.parametrize("expression", ["join(glue, items)", "map(&join(@, $.items), items)", "items | join([0], @)"])
def test_a_glue_out_of_the_payload_is_refused(expression: str) -> None:
    """Half a payload of glue between half a payload of empty texts grows with the square of the payload."""
    with pytest.raises(ValidationError, match="times as much as the payload holds"):
        EXPRESSION.validate_python(expression.replace("$.", ""))


_STEPS = st.sampled_from(
    [
        "@",
        "a",
        "[@, @]",
        "{a: @, b: a}",
        "map(&[@, a], @)",
        "to_string(@)",
        "@[]",
        "[0]",
        "values(@)",
        "merge(@, @)",
        "join('ababababab', @)",
    ]
)
_VALUES = st.recursive(
    st.integers(0, 9) | st.text('ab"\\', max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=8,
)


@given(st.lists(_STEPS, min_size=1, max_size=6).map(" | ".join), _VALUES)
def test_nothing_grows_further_than_is_foretold(expression: str, value: Any) -> None:
    try:
        found = jmespath.search(expression, value)
    except Exception:  # the payload does not fit: nothing is found
        return
    foretold = growth_of(expression)
    punctuation = 40 * len(expression)
    assert len(orjson.dumps(found)) <= foretold * (len(orjson.dumps(value)) + punctuation)
