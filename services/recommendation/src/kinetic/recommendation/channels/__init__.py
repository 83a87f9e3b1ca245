"""How a nudge looks in Slack, Teams, mail and a webhook: pure functions from one message to what the far side reads."""
