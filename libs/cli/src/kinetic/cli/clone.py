"""The clone of the repository that the command works in. The example lives there; the other commands need none."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from kinetic.cli.errors import Misused


def find_clone() -> Path | None:
    """The root of the clone, or None when the command was installed without the examples."""
    spec = find_spec("examples")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).resolve().parent.parent
    return root if (root / "examples" / "company" / "directory.yaml").is_file() else None


def require_clone() -> Path:
    """The root of the clone. Misused when there is none."""
    root = find_clone()
    if root is None:
        raise Misused("the example company is not here: use the command that `make setup` puts into a clone")
    return root


def run_folder(root: Path) -> Path:
    """Where `kinetic run` keeps its data: databases, logs, keys. Ignored by git."""
    return root / ".kinetic" / "run"
