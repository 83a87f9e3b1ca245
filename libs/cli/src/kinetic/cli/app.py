"""The `kinetic` command: what it is asked, and how failures are told.

Exit codes: 0 done; 1 refused, failed, something is wrong, or the loop did not close; 2 used wrongly; 3 nobody answers; 130 interrupted.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from kinetic.cli.addresses import SERVICES, Addresses, known_addresses
from kinetic.cli.apply import Document
from kinetic.cli.apply import apply as apply_document
from kinetic.cli.clone import require_clone
from kinetic.cli.errors import CommandFailed, Interrupted
from kinetic.cli.interrupts import end_like_interrupt
from kinetic.cli.tokens import mint
from kinetic.embedded import EmbeddedError

ADMIN = "amara@northwind.example"

app = typer.Typer(
    name="kinetic",
    help=f"{__doc__.splitlines()[0]}\n\n{__doc__.splitlines()[-1]}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
dead_app = typer.Typer(no_args_is_help=True, help="What the services gave up: look, and hand it to them again.")
app.add_typer(dead_app, name="dead")

_UNWRAPPED = 240
"""Columns wide enough for a line of a table or a tree: the terminal wraps it, a pipe gets it whole."""

As = Annotated[str, typer.Option("--as", metavar="EMAIL", help="Who asks; the example's issuer signs for them.")]
Token = Annotated[
    str | None, typer.Option(envvar="KINETIC_TOKEN", show_envvar=True, help="A bearer token, instead of --as.")
]
ServiceName = Annotated[str | None, typer.Option("--service", help=f"One of {', '.join(SERVICES)}; all by default.")]


def _url(name: str) -> typer.models.OptionInfo:
    variable = f"KINETIC_{name.upper().replace('-', '_')}_URL"
    option: typer.models.OptionInfo = typer.Option(
        f"--{name}-url", envvar=variable, help=f"Where {name} answers.", rich_help_panel="Addresses"
    )
    return option


@app.callback()
def addressed(
    context: typer.Context,
    kafka: Annotated[str | None, typer.Option(envvar="KINETIC_KAFKA", rich_help_panel="Addresses")] = None,
    issuer: Annotated[str | None, typer.Option(envvar="KINETIC_ISSUER", rich_help_panel="Addresses")] = None,
    ingestion: Annotated[str | None, _url("ingestion")] = None,
    skill_gap: Annotated[str | None, _url("skill-gap")] = None,
    recommendation: Annotated[str | None, _url("recommendation")] = None,
    assignment: Annotated[str | None, _url("assignment")] = None,
    feedback: Annotated[str | None, _url("feedback")] = None,
) -> None:
    """Addresses default to those of the running example."""
    urls = dict(zip(SERVICES, (ingestion, skill_gap, recommendation, assignment, feedback), strict=True))
    context.obj = known_addresses().changed(kafka=kafka, issuer=issuer, services=urls)


@app.command()
def run(
    keep: Annotated[bool, typer.Option(help="Go on with the data of the last run instead of starting afresh.")] = False,
    hands_off: Annotated[bool, typer.Option(help="Do not click for Dana.")] = False,
    port_offset: Annotated[int, typer.Option(help="Added to every default port.", min=-5000, max=40_000)] = 0,
) -> None:
    """Start the example, show the life of its events as it happens, and stay up until Ctrl-C."""
    from kinetic.cli.run import run as run_example

    try:
        run_example(require_clone(), keep=keep, hands_off=hands_off, port_offset=port_offset)
    except KeyboardInterrupt:
        Console().print("Ended; nothing is left running")


@app.command()
def demo(
    within: Annotated[float, typer.Option(metavar="SECONDS", help="How long a stage may take.")] = 120.0,
) -> None:
    """Show the loop once, unattended, on free ports. Exits 0 when it has closed, 1 naming what is missing."""
    from kinetic.cli.demo import demo as show_loop

    try:
        show_loop(require_clone(), within)
    except KeyboardInterrupt:
        raise Interrupted("interrupted before the loop had closed; nothing is left running") from None


@app.command()
def fetch() -> None:
    """Download what the embedded Kafka needs, so that the first start does not have to."""
    from kinetic.embedded import default_cache_folder, fetch_kafka

    fetch_kafka(default_cache_folder(), lambda step: print(step, flush=True))


@app.command()
def token(
    context: typer.Context,
    email: Annotated[str, typer.Option("--as", metavar="EMAIL", help="A person of the example company.")],
    role: Annotated[list[str] | None, typer.Option(help="Roles in place of the example's; may be repeated.")] = None,
) -> None:
    """Print a token of the example's issuer, and nothing else."""
    print(mint(_addresses(context), email, role or ()))


@app.command()
def apply(
    context: typer.Context,
    document: Annotated[Document, typer.Argument(help="What the file holds.")],
    file: Annotated[Path, typer.Argument(help="YAML or JSON.")],
    email: As = ADMIN,
    token: Token = None,
) -> None:
    """Put a capability map, a directory or a catalogue in force. Mistakes are told with their place."""
    addresses = _addresses(context)
    answer = apply_document(addresses, token or mint(addresses, email), document, file)
    print(", ".join(f"{name} {value}" for name, value in answer.items()))


@app.command("try-payload")
def try_payload(
    tool: Annotated[str, typer.Argument(help="The tool that sent it, e.g. github.")],
    files: Annotated[list[Path], typer.Argument(help="Bodies of webhooks; several give one line of JSON each.")],
    header: Annotated[list[str] | None, typer.Option(help="'X-GitHub-Event: push'; may be repeated.")] = None,
) -> None:
    """Show what would become of a webhook, as JSON: mapped, ignored or refused. Nothing has to run."""
    from kinetic.cli.trials import told

    for line in told(tool, files, header or ()):
        print(line)


@app.command()
def trace(
    context: typer.Context,
    event_id: Annotated[str, typer.Argument(help="Any event of the life, or the trace id of its traceparent.")],
) -> None:
    """Print the whole life of one event across the services, from the signal to what came of it."""
    from kinetic.cli.trace import drawn, find_life, grow

    moments = asyncio.run(find_life(_addresses(context).kafka, event_id))
    terminal = Console(highlight=False)
    terminal.width = max(terminal.width, _UNWRAPPED)
    terminal.print(drawn(grow(moments), f"the life of {event_id}"))


@app.command()
def doctor(
    context: typer.Context,
    postgres: Annotated[str | None, typer.Option(envvar="KINETIC_POSTGRES", rich_help_panel="Addresses")] = None,
    jwks_url: Annotated[str | None, typer.Option(envvar="KINETIC_JWKS_URL", rich_help_panel="Addresses")] = None,
    audience: Annotated[str, typer.Option(envvar="KINETIC_AUDIENCE", help="`aud` of the tokens.")] = "kinetic",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array instead of a table.")] = False,
    email: As = ADMIN,
    token: Token = None,
) -> None:
    """Check a running installation and say what is wrong and what to do. Exits 0 when nothing is wrong, else 1."""
    from kinetic.cli.doctor.command import diagnose, target_of

    addresses = _addresses(context)
    target = target_of(addresses, jwks_url=jwks_url, audience=audience, postgres=postgres, token=token, email=email)
    raise typer.Exit(diagnose(target, as_json=as_json))


@dead_app.command("list")
def list_dead(
    context: typer.Context,
    service: ServiceName = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    email: As = ADMIN,
    token: Token = None,
) -> None:
    """The newest dead letters with their causes."""
    from kinetic.cli.dead import letters_table, list_letters

    addresses = _addresses(context)
    letters = list_letters(_chosen(addresses, service), token or mint(addresses, email), limit)
    Console(width=_UNWRAPPED).print(letters_table(letters) if letters else "no dead letters")


@dead_app.command("show")
def show_dead(
    context: typer.Context, letter_id: str, service: ServiceName = None, email: As = ADMIN, token: Token = None
) -> None:
    """One dead letter, whole, as JSON."""
    from kinetic.cli.dead import show_letter

    addresses = _addresses(context)
    letter = show_letter(_chosen(addresses, service), token or mint(addresses, email), letter_id)
    print(json.dumps(letter, indent=2, ensure_ascii=False))


@dead_app.command("replay")
def replay_dead(
    context: typer.Context, letter_id: str, service: ServiceName = None, email: As = ADMIN, token: Token = None
) -> None:
    """Hand a dead letter to its service again, under its own id."""
    from kinetic.cli.dead import replay_letter

    addresses = _addresses(context)
    outcome = replay_letter(_chosen(addresses, service), token or mint(addresses, email), letter_id)
    print(f"{outcome['service']}: {outcome['outcome']}")


def main() -> None:
    """Carry out the command line; tell an expected failure in one line and exit with its code."""
    end_like_interrupt()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what fails is told by the command itself
    try:
        app()
    except (CommandFailed, EmbeddedError) as failure:
        print(f"kinetic: {failure}", file=sys.stderr)
        sys.exit(failure.exit_code if isinstance(failure, CommandFailed) else 1)


def _addresses(context: typer.Context) -> Addresses:
    addresses: Addresses = context.obj
    return addresses


def _chosen(addresses: Addresses, service: str | None) -> dict[str, str]:
    if service is None:
        return addresses.services
    if service not in addresses.services:
        raise typer.BadParameter(f"must be one of {', '.join(SERVICES)}", param_hint="--service")
    return {service: addresses.services[service]}
