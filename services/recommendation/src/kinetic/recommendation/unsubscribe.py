"""Doors at which mails are stopped by one click (RFC 8058), by whoever holds the address in them, and taken up again.

Opening the page does nothing: scanners open every link. It sets no cookie, fetches nothing, and names nobody.
"""

from __future__ import annotations

from base64 import b64encode
from email import message_from_bytes
from email.message import Message
from hashlib import sha256
from html import escape
from typing import Annotated, Any, Final
from urllib.parse import parse_qs

from fastapi import Depends, Path, Request
from fastapi.responses import HTMLResponse

from kinetic.common.auth import Principal, Role, require
from kinetic.common.database import Transaction
from kinetic.common.locks import lock_keys
from kinetic.common.operations import database_of
from kinetic.common.problems import Problem
from kinetic.common.web import api_router
from kinetic.contracts.ids import PersonId
from kinetic.directory import store as directory
from kinetic.directory.actors import require_person
from kinetic.recommendation.domain.unsubscribing import TOKEN_LENGTH, person_of
from kinetic.recommendation.keys import unsubscribe_keys
from kinetic.recommendation.settings import Settings
from kinetic.recommendation.store import mail_stops, preferences
from kinetic.recommendation.words import Phrasebook, phrasebook_of

router = api_router(tags=["mail"])

Manager = Annotated[Principal, Depends(require(Role.MANAGER))]
Token = Annotated[str, Path(max_length=TOKEN_LENGTH, description="As it stands in a mail.")]

FIELD: Final = "List-Unsubscribe"
ONE_CLICK: Final = "One-Click"
LONGEST_FORM_BYTES: Final = 4096

_STYLE: Final = (
    "body{margin:0;background:#f6f7f8;color:#14202b;font:16px/1.5 Segoe UI,Helvetica,Arial,sans-serif}"
    "main{max-width:28rem;margin:10vh auto;padding:2rem;background:#fff;border:1px solid #e2e6ea;border-radius:12px}"
    "h1{font-size:1.25rem;margin:0}a{color:#0f6b63}"
    "button{font:inherit;font-weight:600;padding:.75rem 1.5rem;border:0;border-radius:8px;background:#0f6b63;color:#fff}"
)
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
_FORM: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {FIELD: {"type": "string", "enum": [ONE_CLICK]}},
    "required": [FIELD],
}
_FORMS: Final = {media: {"schema": _FORM} for media in ("application/x-www-form-urlencoded", "multipart/form-data")}


@router.get("/unsubscribe/{token}", response_class=HTMLResponse)
async def ask_to_unsubscribe(request: Request, token: Token) -> HTMLResponse:
    """A page with one button, in the language of the person to whom the mail went. 404 when no mail has this address."""
    person_id = _person_of(request, token)
    async with database_of(request).transaction() as tx:
        book = await _book_of(tx, person_id)
    button = f'<button type="submit">{_text(book.say("unsubscribe-button"))}</button>'
    form = f'<form method="post"><input type="hidden" name="{FIELD}" value="{ONE_CLICK}">{button}</form>'
    return _page(book, book.say("unsubscribe-title"), book.say("unsubscribe-what"), form)


@router.post(
    "/unsubscribe/{token}",
    response_class=HTMLResponse,
    openapi_extra={"requestBody": {"required": True, "content": _FORMS}},
)
async def unsubscribe(request: Request, token: Token) -> HTMLResponse:
    """No mail to this person any more. What mail programs post for one click (RFC 8058), and the button of the page.

    A second time changes nothing. 404 when no mail has this address, 422 when it is not the form.
    """
    person_id = _person_of(request, token)
    if not is_one_click(request.headers.get("content-type", ""), await request.body()):
        raise Problem(422, "This is not the form that unsubscribes", f"Send {FIELD}={ONE_CLICK} as a form.")
    async with database_of(request).transaction() as tx:
        await lock_keys(tx, "person", [person_id])  # or a row could come after the person was erased
        if not await directory.erased_people(tx, [person_id]):
            await mail_stops.stop(tx, person_id)
        book = await _book_of(tx, person_id)
    settings: Settings = request.app.state.settings
    way_back = f"{settings.console_url}/settings/nudges"
    link = f'<p><a href="{_text(way_back)}">{_text(book.say("change-how-often"))}</a></p>'
    return _page(book, book.say("unsubscribed-title"), book.say("unsubscribed-what"), link)


@router.post("/mail/resume", status_code=204)
async def resume_mail(request: Request, caller: Manager) -> None:
    """Mails to the caller again, after they unsubscribed."""
    async with database_of(request).transaction() as tx:
        await mail_stops.resume(tx, await require_person(tx, caller))


def _person_of(request: Request, token: str) -> PersonId:
    settings: Settings = request.app.state.settings
    person_id = person_of(token, unsubscribe_keys(settings.unsubscribe_keys))
    if person_id is None:
        raise Problem(404, "No such address", "No mail has this address. Use the link in a mail as it stands there.")
    return person_id


def is_one_click(content_type: str, body: bytes) -> bool:
    """Whether a body is the form, in one of the two ways in which programs write forms."""
    if len(body) > LONGEST_FORM_BYTES:
        return False
    if not content_type.lower().startswith("multipart/form-data"):
        return parse_qs(body.decode("latin-1")).get(FIELD) == [ONE_CLICK]
    form = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    values = [part.get_payload(decode=True) for part in form.walk() if _name_of(part) == FIELD]
    return [value.strip() for value in values if isinstance(value, bytes)] == [ONE_CLICK.encode()]


def _name_of(part: Message) -> object:
    return part.get_param("name", header="content-disposition")


async def _book_of(tx: Transaction, person_id: PersonId) -> Phrasebook:
    wished = (await preferences.of(tx, person_id)).language
    person = (await directory.people(tx, [person_id])).get(person_id)
    return phrasebook_of(wished or (person.language if person else ""))


def _page(book: Phrasebook, title: str, what: str, rest: str) -> HTMLResponse:
    head = (
        f'<!doctype html><html lang="{book.language}"><head><meta charset="utf-8"><title>{_text(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex,nofollow">'
        f"<style>{_STYLE}</style></head>"
    )
    body = f"<body><main><h1>{_text(title)}</h1><p>{_text(what)}</p>{rest}</main></body></html>"
    return HTMLResponse(head + body, headers=_HEADERS)


def _text(text: str) -> str:
    return escape(text, quote=True)
