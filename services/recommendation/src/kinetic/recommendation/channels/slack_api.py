"""Calls of Slack's Web API, and what each of its failures means. Errors by name: https://docs.slack.dev/reference/methods.

By httpx, because the asynchronous client of slack-sdk needs aiohttp and the other one a thread.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import httpx

from kinetic.recommendation.channels.retry_after import retry_after_seconds

ANSWERED_WITHIN_SECONDS: Final = 10.0
TIMEOUT: Final = httpx.Timeout(8.0, connect=4.0, pool=4.0)
LIMITED_SECONDS: Final = 30.0
"""How long to rest when Slack does not say."""
UNSET_SECONDS: Final = 60.0
MISSING_SCOPE: Final = "missing_scope"

Fields = Mapping[str, Any]


class Fault(StrEnum):
    """What a failure means for the call.

    `limited`: Slack asks for a rest. `away`: not done, and may be later. `unset`: not done until somebody mends how Slack is
    set up. `refused`: not done, and never will be. `open`: it may have been done.
    """

    LIMITED = "limited"
    AWAY = "away"
    UNSET = "unset"
    REFUSED = "refused"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that was not answered with what it asked for. `error` is Slack's name for it, empty when Slack gave none."""

    fault: Fault
    problem: str
    error: str = ""
    after_seconds: float | None = None


class SlackApi:
    """The methods of one workspace, called with its bot token."""

    def __init__(self, http: httpx.AsyncClient, api_url: str, token: str) -> None:
        self._http = http
        self._url = api_url.rstrip("/")
        self._authorization = f"Bearer {token}"

    async def ask(self, method: str, fields: Mapping[str, str]) -> Fields | Failure:
        """Call a method with a form."""
        return await self._call(method, data=dict(fields))

    async def tell(self, method: str, body: Fields) -> Fields | Failure:
        """Call a method with JSON."""
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return await self._call(method, content=json.dumps(body).encode(), headers=headers)

    async def _call(self, method: str, **request: Any) -> Fields | Failure:
        headers = {**request.pop("headers", {}), "Authorization": self._authorization}
        try:
            async with asyncio.timeout(ANSWERED_WITHIN_SECONDS):
                answer = await self._http.post(
                    f"{self._url}/{method}", headers=headers, timeout=TIMEOUT, follow_redirects=False, **request
                )
        except _NOT_SENT as error:
            return Failure(Fault.AWAY, f"{method}: Slack was not reached ({type(error).__name__})")
        except (httpx.HTTPError, TimeoutError) as error:
            return Failure(Fault.OPEN, f"{method}: no answer came ({type(error).__name__})")
        except (httpx.InvalidURL, ValueError):
            return Failure(Fault.UNSET, f"{method}: the address or the token of Slack is malformed", "", UNSET_SECONDS)
        return _read(method, answer)


_NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)

_LIMITED: Final = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_AWAY: Final = frozenset(
    {"request_timeout", "team_added_to_org", "org_login_required", "external_channel_migrating", "update_failed"}
)
_UNSET: Final = frozenset(
    {
        *("not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"),
        *(MISSING_SCOPE, "no_permission", "access_denied", "accesslimited", "ekm_access_denied"),
        *("team_access_not_granted", "two_factor_setup_required", "enterprise_is_restricted", "messages_tab_disabled"),
        *("restricted_action", "metadata_must_be_sent_from_app", "method_deprecated", "deprecated_endpoint"),
    }
)
"""About the app and its token, none of them about a recipient; `account_inactive` too, which sounds otherwise."""
_REFUSED: Final = frozenset(
    {
        *("user_not_found", "users_not_found", "user_disabled", "user_not_visible", "cannot_dm_bot"),
        *("channel_not_found", "not_in_channel", "is_archived", "is_inactive", "invalid_user_combination"),
        *("not_enough_users", "too_many_users", "users_list_not_supplied", "method_not_supported_for_channel_type"),
        *("message_not_found", "cant_update_message", "edit_window_closed", "block_mismatch"),
        *("msg_too_long", "msg_blocks_too_long", "no_text", "invalid_blocks", "invalid_blocks_format"),
        *("invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large", "invalid_arguments"),
        *("restricted_action_read_only_channel", "restricted_action_thread_only_channel"),
    }
)
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,79}")
_SCOPES: Final = re.compile(r"[a-z][a-z:._,]{0,199}")


def _read(method: str, answer: httpx.Response) -> Fields | Failure:
    if answer.status_code == 429:
        return Failure(Fault.LIMITED, f"{method}: Slack asks for a rest", "ratelimited", _rest(answer))
    fields = _fields(answer)
    if answer.is_success and fields.get("ok") is True:
        return fields
    error = fields.get("error")
    if isinstance(error, str) and _NAME.fullmatch(error):
        return _named(method, error, fields, answer)
    is_open = answer.is_success or answer.is_server_error
    return Failure(Fault.OPEN if is_open else Fault.AWAY, f"{method}: answered {answer.status_code}, and nothing known")


def _named(method: str, error: str, fields: Fields, answer: httpx.Response) -> Failure:
    if error in _LIMITED:
        return Failure(Fault.LIMITED, f"{method}: {error}", error, _rest(answer))
    if error in _AWAY:
        return Failure(Fault.AWAY, f"{method}: {error}", error)
    if error in _UNSET:
        needed = fields.get("needed")
        scopes = f" {needed}" if isinstance(needed, str) and _SCOPES.fullmatch(needed) else ""
        return Failure(Fault.UNSET, f"{method}: {error}{scopes}: mend the Slack app or its token", error, UNSET_SECONDS)
    return Failure(Fault.REFUSED if error in _REFUSED else Fault.OPEN, f"{method}: {error}", error)


def _fields(answer: httpx.Response) -> Fields:
    try:
        fields = answer.json()
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _rest(answer: httpx.Response) -> float:
    asked = retry_after_seconds(answer)
    return LIMITED_SECONDS if asked is None else asked
