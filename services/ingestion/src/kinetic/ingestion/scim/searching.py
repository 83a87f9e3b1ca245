"""What a search must look at: whom a filter names, and whether members of groups matter to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scim2_models import Resource, ResponseParameters, SearchRequest
from scim2_models.path import CompareOperator, Comparison, LogicalExpr, LogicalOperator
from scim2_models.path.expressions import FilterNode
from scim2_server.storage import SearchPage

from kinetic.ingestion.domain.directory_rules import Claim
from kinetic.ingestion.domain.occurrences import EMAIL
from kinetic.ingestion.scim.people import EXTERNAL_ID, LOGIN

MEMBERS = "members"


def claims_asked(node: FilterNode) -> list[Claim] | None:
    """The handles of which every match has one. None when any user could match."""
    if isinstance(node, LogicalExpr):
        asked = [claims_asked(term) for term in node.terms]
        if node.op == LogicalOperator.and_:
            return next((claims for claims in asked if claims is not None), None)
        return None if None in asked else [claim for claims in asked if claims for claim in claims]
    if not isinstance(node, Comparison) or node.op != CompareOperator.eq or not isinstance(node.value, str):
        return None
    match (node.attr_path.attr.lower(), node.attr_path.sub_attr):
        case ("username", None):
            return [(EMAIL, node.value.lower()), (LOGIN, node.value.lower())]
        case ("externalid", None):
            return [(EXTERNAL_ID, node.value)]
        case _:
            return None


def wants_members(parameters: ResponseParameters[Any] | None) -> bool:
    """Whether an answer shows the members of groups."""
    if parameters is None:
        return True
    asked = [str(path).lower() for path in parameters.attributes or ()]
    left_out = {str(path).lower() for path in parameters.excluded_attributes or ()}
    return MEMBERS not in left_out and (not asked or any(MEMBERS in path for path in asked))


def looks_at_members(request: SearchRequest[Any]) -> bool:
    """Whether it depends on their members which groups are found, and in what order."""
    return MEMBERS in f"{request.filter or ''} {request.sort_by or ''}".lower()


def page_of(found: Sequence[Resource[Any]], request: SearchRequest[Any]) -> SearchPage:
    """The resources that match, in the order asked for, from the position asked for."""
    matching = [one for one in found if request.filter is None or request.filter.match(one)]
    if request.sort_by is not None:
        is_descending = request.sort_order == SearchRequest.SortOrder.descending
        matching.sort(key=lambda one: _sort_key(one, request), reverse=is_descending)
    start = request.start_index_0 or 0
    stop = None if request.count is None else start + request.count
    return SearchPage(len(matching), matching[start:stop])


def _sort_key(resource: Resource[Any], request: SearchRequest[Any]) -> tuple[bool, Any]:
    value = request.sort_value(resource)
    return value is None, value if value is not None else ""
