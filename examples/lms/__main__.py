"""Run the platform: ``python -m examples.lms --kafka HOST:PORT --ingestion URL --issuer URL --secret-file FILE --folder DIR``."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from examples.lms.app import create_app
from examples.lms.bearer import Bearer
from examples.lms.intake import consume
from examples.lms.learners import path_of
from examples.lms.offers import Offers, load_offers
from examples.lms.reporting import Reporter
from examples.lms.requests import EnrolmentRequested, Request
from examples.lms.store import Store

_COMPANY = Path(__file__).parent.parent / "company"
_FAR_SIDE_SECONDS = 10.0


def main() -> None:
    """Serve until the process is told to end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in ("httpx", "aiokafka"):
        logging.getLogger(name).setLevel(logging.WARNING)
    asyncio.run(run(_options()))


async def run(options: argparse.Namespace) -> None:
    """Read, report and serve side by side. When one of them fails the process ends, so that its supervisor starts it anew."""
    store = Store(options.folder / "example-lms.sqlite3")
    offers = load_offers(options.company)
    async with httpx.AsyncClient(timeout=_FAR_SIDE_SECONDS) as http:
        bearer = Bearer(http, options.issuer, options.secret_file)
        reporter = Reporter(store, http, options.ingestion, bearer)

        def take(requests: Sequence[Request], now: float) -> None:
            store.take(requests, now, partial(rejection, offers), partial(path_of, pace_seconds=options.pace))
            reporter.wake()

        work = [asyncio.create_task(consume(options.kafka, take)), asyncio.create_task(reporter.run())]
        await _serve_while(work, create_app(store, offers), options)
    store.close()


def rejection(offers: Offers, request: EnrolmentRequested) -> str | None:
    """Why a learner cannot be enrolled, or None when they can."""
    if request.learner_id not in offers.learners:
        return "no such account"
    if request.course_id not in offers.courses:
        return "no such course"
    return None


async def _serve_while(work: Sequence[asyncio.Task[None]], app: FastAPI, options: argparse.Namespace) -> None:
    """Serve until a signal comes, or until one part of the work has failed: its error is raised then."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn handles them, and raises them again when it has stopped: then there is still a consumer to close.
        loop.add_signal_handler(number, lambda: None)
    server = uvicorn.Server(uvicorn.Config(app, host=options.host, port=options.port, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    ended, _ = await asyncio.wait([serving, *work], return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    for task in work:
        task.cancel()
    await asyncio.gather(serving, *work, return_exceptions=True)
    for task in ended:
        task.result()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.lms", description=__doc__)
    parser.add_argument("--kafka", required=True, help="bootstrap servers")
    parser.add_argument("--ingestion", required=True, help="where reports are sent, e.g. http://127.0.0.1:8101")
    parser.add_argument("--issuer", required=True, help="who gives the platform its token, e.g. http://127.0.0.1:8100")
    parser.add_argument("--secret-file", type=Path, required=True, help="the platform's client secret at the issuer")
    parser.add_argument("--folder", type=Path, required=True, help="where the platform keeps its own file")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8110)
    parser.add_argument("--pace", type=float, default=2.0, help="seconds in which a learner completes a course")
    parser.add_argument("--company", type=Path, default=_COMPANY, help="folder of directory.yaml and catalogue.yaml")
    return parser.parse_args()


if __name__ == "__main__":
    main()
