"""Field types of ingestion's doors."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from kinetic.contracts.fields import refuse_unstorable

Email = Annotated[
    str,
    StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254, to_lower=True),
    AfterValidator(refuse_unstorable),
]
"""An e-mail address in lower case: two that differ in case are one."""
