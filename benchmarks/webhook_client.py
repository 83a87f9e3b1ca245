"""`python -m benchmarks.webhook_client URL`: signed webhooks of GitHub from a process of its own; prints how many a second.

Each is a run of GitHub Actions of 20 KB, as GitHub sends it, with an id of its own. The secret stands in KINETIC_SECRET.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from time import time_ns

import orjson
import uvloop

from benchmarks.client import post, send_all

RECORDED = Path(__file__).parents[1] / "services/ingestion/tests/payloads/github/workflow_run.requested.json"
TEAMS = 20
_KEPT = 20_000
"""Requests are made before the clock starts, as long as they fit into memory."""


def main() -> None:
    """Send, wait for every answer, and say how fast it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--requests", type=int, required=True)
    parser.add_argument("--failing-every", type=int, default=1, help="1: every run failed; 10: one of ten did")
    parser.add_argument("--connections", type=int, default=64)
    arguments = parser.parse_args()
    requests = webhooks(arguments.url, arguments.requests, arguments.failing_every)
    if arguments.requests <= _KEPT:
        requests = iter(list(requests))
    print(arguments.requests / uvloop.run(send_all(arguments.url, requests, arguments.connections)))


def webhooks(url: str, number: int, failing_every: int) -> Iterator[bytes]:
    """Runs that ended, each of which no other load has sent."""
    secret = os.environ["KINETIC_SECRET"].encode()
    failed, succeeded = ([_run(team, how) for team in range(TEAMS)] for how in ("failure", "success"))
    for place, run_id in zip(range(number), count(time_ns()), strict=False):
        template = (succeeded if place % failing_every else failed)[place % TEAMS]
        body = template.replace(b'"RUN"', str(run_id).encode(), 1)
        signature = hmac.new(secret, body, hashlib.sha256).hexdigest()
        yield post(
            url,
            body,
            "Content-Type: application/json",
            "X-GitHub-Event: workflow_run",
            f"X-Hub-Signature-256: sha256={signature}",
        )


def _run(team: int, conclusion: str) -> bytes:
    payload = orjson.loads(RECORDED.read_bytes())
    payload["action"] = "completed"
    payload["workflow_run"] |= {"id": "RUN", "status": "completed", "conclusion": conclusion}
    payload["repository"]["full_name"] = f"company/team-{team}"
    return orjson.dumps(payload)


if __name__ == "__main__":
    main()
