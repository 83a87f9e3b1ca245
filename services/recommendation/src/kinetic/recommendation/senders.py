"""The channels that are set up, in the order in which a manager is reached who wishes for none."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import httpx

from kinetic.common.database import Database
from kinetic.recommendation.channels.sending import Sender
from kinetic.recommendation.channels.slack_sender import open_slack
from kinetic.recommendation.channels.teams_sender import open_teams
from kinetic.recommendation.deliverer import Deliverer
from kinetic.recommendation.settings import Settings


class Outgoing:
    """Delivers through all channels. Its loops share them, and what they remember of each other's rests."""

    def __init__(self, settings: Settings) -> None:
        self._open = partial(senders_of, settings)
        self._console_url = settings.console_url
        self._deliverer: Deliverer | None = None

    async def run(self, database: Database, beat: Callable[[], None]) -> None:
        """Deliver until cancelled."""
        if self._deliverer is None:
            self._deliverer = Deliverer(self._open(database), self._console_url)
        await self._deliverer.run(database, beat)


def senders_of(settings: Settings, database: Database) -> tuple[Sender, ...]:
    """A sender for each channel of which `settings` say enough. What only mail or the webhook needs is imported with it."""
    http = httpx.AsyncClient()
    opened: tuple[Sender | None, ...] = (
        open_slack(settings, http),
        open_teams(settings, http, database),
        _mail(settings),
        _webhook(settings, http),
    )
    return tuple(sender for sender in opened if sender is not None)


def _mail(settings: Settings) -> Sender | None:
    if not settings.smtp_host:
        return None
    from kinetic.recommendation.channels.mail_sender import open_mail

    return open_mail(settings)


def _webhook(settings: Settings, http: httpx.AsyncClient) -> Sender | None:
    if not settings.nudge_webhook_url:
        return None
    from kinetic.recommendation.channels.webhook_sender import open_webhook

    return open_webhook(settings, http)
