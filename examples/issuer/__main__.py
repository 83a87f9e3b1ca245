"""Run the issuer: ``python -m examples.issuer --port 8100 --folder DIR``."""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn

from examples.issuer.app import create_app
from examples.issuer.users import load_accounts

_ACCOUNTS = Path(__file__).parent.parent / "company" / "users.yaml"


def main() -> None:
    """Serve until the process is told to end."""
    options = _options()
    url = options.url or f"http://{options.host}:{options.port}"
    app = create_app(options.folder, load_accounts(options.accounts), url)
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.issuer", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--folder", type=Path, required=True, help="where the key and the client secrets are kept")
    parser.add_argument("--accounts", type=Path, default=_ACCOUNTS, help="YAML of users, clients and their roles")
    parser.add_argument("--url", help="the `iss` of the tokens, when others reach the issuer by another address")
    return parser.parse_args()


if __name__ == "__main__":
    main()
