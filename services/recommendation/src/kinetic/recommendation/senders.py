"""The channels that are set up, in the order in which a manager is reached who wishes for none."""

from __future__ import annotations

from kinetic.recommendation.channels.sending import Sender
from kinetic.recommendation.channels.slack_sender import open_slack
from kinetic.recommendation.settings import Settings


def senders_of(settings: Settings) -> tuple[Sender, ...]:
    """A sender for each channel of which `settings` say enough."""
    opened: tuple[Sender | None, ...] = (open_slack(settings),)
    return tuple(sender for sender in opened if sender is not None)
