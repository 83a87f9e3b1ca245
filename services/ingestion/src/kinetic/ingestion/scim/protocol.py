"""The SCIM protocol as it is kept here: scim2-server's, but for what clients leave out."""

from __future__ import annotations

from typing import Any

from scim2_models import PatchOp, PatchOperation, Resource
from scim2_server.conditions import Conditions
from scim2_server.service import ScimService

from kinetic.ingestion.scim.models import User, address_of_work, is_address
from kinetic.ingestion.scim.provider import PROVIDER


class DirectoryProtocol(ScimService):
    """What a request does not assert stays (RFC 7644, section 3.5.1), and somebody with a user name keeps an address."""

    def __init__(self) -> None:
        super().__init__(PROVIDER)

    def apply_replacement(
        self, current: Resource[Any], replacement: Resource[Any], conditions: Conditions
    ) -> Resource[Any] | None:
        """Okta puts whole users and groups, with what it maps: the manager whom another system told is not in it."""
        for name in type(current).model_fields:
            if name not in replacement.model_fields_set:
                setattr(replacement, name, getattr(current, name))
        return super().apply_replacement(current, replacement, conditions)

    def apply_patch(
        self, current: Resource[Any], patch_op: PatchOp[Any], conditions: Conditions
    ) -> Resource[Any] | None:
        """Entra removes the address of an account that loses its mailbox, in one request with what matters more."""
        if isinstance(current, User) and is_address(current.user_name or ""):
            for operation in patch_op.operations or ():
                _keep_address(operation, current.user_name or "")
        return super().apply_patch(current, patch_op, conditions)


def _keep_address(operation: PatchOperation[Any], user_name: str) -> None:
    path = operation.path
    if path is None or operation.op != PatchOperation.Op.remove or not str(path).lower().startswith("emails"):
        return
    operation.op = PatchOperation.Op.replace_
    operation.path = type(path)("emails")
    operation.value = address_of_work(user_name)
