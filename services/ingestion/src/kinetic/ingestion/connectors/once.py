"""Properties that are worked out when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

_Value = TypeVar("_Value")


class once(Generic[_Value]):  # noqa: N801 - it stands where `property` stands
    """`functools.cached_property` as it is since Python 3.12: before, it takes a lock, which costs more than most values."""

    def __init__(self, work_out: Callable[[Any], _Value]) -> None:
        self._work_out = work_out
        self._name = work_out.__name__
        self.__doc__ = work_out.__doc__

    @overload
    def __get__(self, holder: None, owner: type) -> once[_Value]: ...
    @overload
    def __get__(self, holder: object, owner: type) -> _Value: ...
    def __get__(self, holder: object, owner: type) -> once[_Value] | _Value:
        if holder is None:
            return self
        value = holder.__dict__[self._name] = self._work_out(holder)
        return value
