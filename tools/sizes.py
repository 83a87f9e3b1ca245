"""Files of at most 300 lines, functions of at most 25: `python -m tools.sizes`.

A function's lines are those of its code: docstring, blank lines and comment lines do not count.
"""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 25


def main() -> int:
    """Print every breach; 1 when there is one."""
    breaches = [breach for path in tracked_files() for breach in breaches_of(path)]
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


def tracked_files() -> Iterator[Path]:
    """The Python files of the repository, tracked or new."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    for name in sorted(set(listed.splitlines())):
        if (path := Path(name)).exists():
            yield path


def breaches_of(path: Path) -> Iterator[str]:
    """What is too long in one file."""
    source = path.read_text()
    lines = source.count("\n")
    if lines > MAX_FILE_LINES:
        yield f"{path}: {lines} lines, at most {MAX_FILE_LINES}"
    code_lines = lines_with_code(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = function_lines(node, code_lines)
            if length > MAX_FUNCTION_LINES:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines, at most {MAX_FUNCTION_LINES}"


def function_lines(node: ast.FunctionDef | ast.AsyncFunctionDef, code_lines: set[int]) -> int:
    """The lines of code of a function, its signature included, its docstring and inner functions' docstrings not."""
    own = set(range(node.lineno, (node.end_lineno or node.lineno) + 1)) & code_lines
    for inner in ast.walk(node):
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(inner):
            docstring = inner.body[0]
            own -= set(range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1))
    return len(own)


def lines_with_code(source: str) -> set[int]:
    """The numbers of the lines that hold more than a comment."""
    quiet = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    found: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in quiet:
            found.update(range(token.start[0], token.end[0] + 1))
    return found


if __name__ == "__main__":
    sys.exit(main())
