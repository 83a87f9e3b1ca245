"""What Slack takes: the limits of Block Kit, and the shape of a message's metadata."""

from __future__ import annotations

import json
from typing import Any

LONGEST_METADATA_BYTES = 10_000
MOST_BLOCKS_BYTES = 12_500
"""Slack names no limit for all blocks together, and has refused 13,300 characters: slackapi/bolt-js#2509."""


def assert_fits_slack(posted: dict[str, Any]) -> None:
    """Fail where Slack would refuse a message. https://docs.slack.dev/reference/block-kit"""
    assert len(posted["blocks"]) <= 50
    assert len(json.dumps(posted["blocks"], ensure_ascii=False).encode()) <= MOST_BLOCKS_BYTES
    assert len(posted["text"]) <= 40_000
    for block in posted["blocks"]:
        assert len(block.get("block_id", "")) <= 255
        if block["type"] == "actions":
            _assert_actions_fit(block["elements"])
    if metadata := posted.get("metadata"):
        _assert_metadata_fits(metadata)


def _assert_actions_fit(elements: list[dict[str, Any]]) -> None:
    assert 1 <= len(elements) <= 25
    assert len({element["action_id"] for element in elements}) == len(elements)
    for element in elements:
        options = element.get("options", [])
        assert len(options) <= 100
        assert all(1 <= len(option["value"]) <= 150 for option in options)
        texts = [element.get("text") or element["placeholder"], *(option["text"] for option in options)]
        assert all(1 <= len(text["text"]) <= 75 for text in texts)
        assert len(element.get("value", "")) <= 2000
        assert len(element.get("url", "")) <= 3000
        assert len(element["action_id"]) <= 255


def _assert_metadata_fits(metadata: dict[str, Any]) -> None:
    assert set(metadata) == {"event_type", "event_payload"}
    assert metadata["event_type"].replace("_", "").isalnum()
    assert all(isinstance(value, str | int | bool) for value in metadata["event_payload"].values())
    assert len(json.dumps(metadata)) <= LONGEST_METADATA_BYTES
