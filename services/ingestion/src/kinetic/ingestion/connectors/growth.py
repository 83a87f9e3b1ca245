"""How far an expression of a mapping can blow a payload up: thirty `[@, @]` in a row make a thousand million values of one."""

from __future__ import annotations

from math import prod
from typing import Any, Final

import jmespath

MOST: Final = 100

_ONE_AFTER_THE_OTHER: Final = frozenset(
    {"pipe", "subexpression", "index_expression", "projection", "value_projection", "filter_projection"}
)
_SIDE_BY_SIDE: Final = frozenset({"multi_select_list", "multi_select_dict"})
_ESCAPING: Final = 2
_SHORTEST_ENTRY: Final = 3


def growth_of(expression: str) -> int:
    """What `expression` finds is at most so many times as large as what it looks at, `expression` itself aside.

    Steps that follow each other multiply, steps that stand side by side add up, and a text within a text is escaped.
    """
    return _growth(jmespath.compile(expression).parsed)


def _growth(node: Any) -> int:
    inner = [_growth(child) for child in node["children"] if isinstance(child, dict)]
    kind = node["type"]
    if kind in _SIDE_BY_SIDE:
        return max(1, sum(inner))
    if kind == "function_expression":
        applies_one = any(child["type"] == "expref" for child in node["children"])
        together = prod(inner) if applies_one else max(1, sum(inner))
        return together * _growth_by(node)
    if kind in _ONE_AFTER_THE_OTHER:
        return prod(inner)
    return max(inner, default=1)


def _growth_by(function: Any) -> int:
    """What a function adds of its own. Between the texts that it joins comes the glue, each time; a text takes three characters."""
    if function["value"] == "to_string":
        return _ESCAPING
    if function["value"] != "join":
        return 1
    glue = function["children"][0] if function["children"] else None
    return 1 + len(str(glue["value"])) // _SHORTEST_ENTRY if glue and glue["type"] == "literal" else MOST + 1
