"""`python -m kinetic.embedded up --folder DIR`: run the stack until SIGINT or SIGTERM.

When ready, prints one line of JSON to standard output: {"bootstrap_servers": "127.0.0.1:…", "dsn": "postgresql://…"}.
What it is doing goes to standard error. Ends with 0 when asked to, with 1 and one line when the start fails.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path
from types import FrameType

from kinetic.embedded.errors import EmbeddedError
from kinetic.embedded.stack import Stack


def main() -> int:
    """Run the command line and return its exit code."""
    chosen = _arguments()
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    try:
        with Stack.start(
            chosen.folder,
            kafka_port=chosen.kafka_port,
            controller_port=chosen.controller_port,
            postgres_port=chosen.postgres_port,
            cache_folder=chosen.cache,
            progress=_say,
        ) as stack:
            _stay(stack)
    except EmbeddedError as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        _say("Ended before the start was complete")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m kinetic.embedded", description="Kafka and Postgres on this machine"
    )
    up = parser.add_subparsers(required=True).add_parser("up", help="start both and stay until interrupted")
    up.add_argument("--folder", type=Path, required=True, help="where the data is kept")
    up.add_argument("--cache", type=Path, help="where downloads are kept (default: KINETIC_CACHE or ~/.cache/kinetic)")
    for port in ("--kafka-port", "--controller-port", "--postgres-port"):
        up.add_argument(port, type=int, help="a free one by default")
    return parser.parse_args()


def _stay(stack: Stack) -> None:
    print(json.dumps({"bootstrap_servers": stack.kafka.bootstrap_servers, "dsn": stack.postgres.dsn}), flush=True)
    try:
        while True:
            signal.pause()
    except KeyboardInterrupt:
        # From now on the stop is under way and bounded; a second signal must not tear it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(step: str) -> None:
    print(step, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
