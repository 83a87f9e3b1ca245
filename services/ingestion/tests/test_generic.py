"""A mapping says what the payloads of any other tool mean."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from kinetic.ingestion.connectors.generic import PayloadMapping, connector_of
from kinetic.ingestion.connectors.protocol import Doubt, Ignored, Mapped, Observation, Webhook
from kinetic.ingestion.connectors.standard_webhooks import STANDARD

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BUILD: dict[str, Any] = {
    "build": {
        "state": "failed",
        "level": "High",
        "finished": "2026-11-24T11:00:00+01:00",
        "link": "https://ci.example/7",
    },
    "project": {"key": "shop", "title": "The shop"},
    "author": "Somebody",
}
MAPPING: dict[str, Any] = {
    "source": "jenkins",
    "signals": [
        {
            "kind": "delivery.failed",
            "when": "build.state == 'failed'",
            "severity": {"path": "build.level", "words": {"high": 0.8, "low": 0.2}},
            "state": "failed",
            "place": "project.title",
            "occurred_at": "build.finished",
            "url": "build.link",
            "facts": {"project": "project.key"},
            "attributes": {"level": "build.level"},
        }
    ],
}


def observed(payload: Any, **changes: Any) -> Observation:
    reading = connector_of(PayloadMapping.model_validate({**MAPPING, **changes})).read({}, payload)
    assert isinstance(reading, Mapped), reading
    (observation,) = reading.observations
    return observation


def signal(**changes: Any) -> dict[str, Any]:
    return {"signals": [{**MAPPING["signals"][0], **changes}]}


def test_a_payload_means_what_the_mapping_says() -> None:
    assert observed(BUILD) == Observation(
        kind="delivery.failed",
        severity=0.8,
        summary="Work in The shop failed",
        url="https://ci.example/7",
        occurred_at=datetime(2026, 11, 24, 10, tzinfo=UTC),
        attribution={"project": "shop"},
        attributes={"level": "High"},
    )


def test_a_payload_that_fits_no_signal_is_ignored() -> None:
    ended = {**BUILD, "build": {**BUILD["build"], "state": "passed"}}
    assert isinstance(connector_of(PayloadMapping.model_validate(MAPPING)).read({}, ended), Ignored)


def test_every_thing_of_a_list_is_told() -> None:
    many = PayloadMapping.model_validate({**MAPPING, "each": "builds[]"})
    reading = connector_of(many).read({}, {"builds": [BUILD, {}, BUILD]})
    assert isinstance(reading, Mapped)
    assert len(reading.observations) == 2
    assert isinstance(connector_of(many).read({}, {"builds": 7}), Ignored)


def test_a_word_that_the_scale_does_not_have_is_neutral_and_unknown() -> None:
    found = observed({**BUILD, "build": {**BUILD["build"], "level": "Purple"}})
    assert (found.severity, found.unknown) == (0.5, ("build.level Purple",))


@pytest.mark.parametrize("written", [1795600800, 1795600800000, "2026-11-25T10:00:00Z", 1795600800.0])
def test_times_are_iso_or_unix_in_seconds_or_milliseconds(written: Any) -> None:
    found = observed({**BUILD, "at": written}, **signal(occurred_at="at"))
    assert found.occurred_at == datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.mark.parametrize("written", ["yesterday", "2026-11-24T10:00:00", True, None, [], 10**30])
def test_what_is_no_time_is_none(written: Any) -> None:
    assert observed({**BUILD, "at": written}, **signal(occurred_at="at")).occurred_at is None


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        (signal(when="a ="), "when"),
        (signal(kind="delivery.lost"), "kind"),
        (signal(severity=1.5), "severity"),
        (signal(facts={"Project": "a"}), "facts"),
        ({"signals": []}, "signals"),
        ({"source": "Not a slug"}, "source"),
        ({"signature": {"scheme": "rot13"}}, "scheme"),
    ],
)
def test_a_broken_mapping_names_its_field(broken: dict[str, Any], place: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PayloadMapping.model_validate({**MAPPING, **broken})
    assert place in str(caught.value.errors()[0]["loc"])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["build", "state", "x"]), inner),
    max_leaves=10,
)


EXPRESSIONS = (
    *("build.state", "build[]", "join(',', x)", "sum(x)", "max(build)", "@"),
    *("x > `1`", "contains(x, `1`)", "max_by(@, &build)", "x[::0]"),
)


@given(payload=json_values, path=st.sampled_from(EXPRESSIONS))
@example(payload={"x": "1"}, path="x > `1`")
@example(payload={"x": "1"}, path="contains(x, `1`)")
def test_no_payload_is_an_error(payload: Any, path: str) -> None:
    parts = signal(when=None, place=path, occurred_at=path, url=path, severity={"path": path, "words": {"a": 1}})
    connector_of(PayloadMapping.model_validate({**MAPPING, "each": None, **parts})).read({}, payload)


def standard(sent_at: datetime, body: bytes = b"{}", key: bytes = b"k" * 32) -> Webhook:
    """Signed as the specification says, with a second signature of a former key in front."""
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(sent_at.timestamp()))}
    message = f"msg_1.{headers['webhook-timestamp']}.".encode() + body
    signature = b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    return Webhook({**headers, "webhook-signature": f"v1,{b64encode(b'x' * 32).decode()} v1,{signature}"}, body)


SECRET = "whsec_" + b64encode(b"k" * 32).decode()


def test_standard_webhooks_are_believed_in_time_and_known_by_their_id() -> None:
    assert STANDARD.doubt([SECRET], standard(NOW), NOW) is None
    assert STANDARD.doubt([SECRET], standard(NOW - timedelta(minutes=6)), NOW) is Doubt.UNTIMELY
    assert STANDARD.doubt([SECRET], standard(NOW + timedelta(minutes=6)), NOW) is Doubt.UNTIMELY
    assert STANDARD.doubt([SECRET], standard(NOW, key=b"other"), NOW) is Doubt.FORGED
    assert STANDARD.delivery_id(standard(NOW)) == "msg_1"


def test_the_example_of_the_specification_is_believed() -> None:
    # The vector in the reference libraries of Standard Webhooks.
    webhook = Webhook(
        {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
        b'{"test": 2432232314}',
    )
    sent_at = datetime.fromtimestamp(1614265330, UTC)
    assert STANDARD.doubt(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], webhook, sent_at) is None


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "9" * 20, "²"])
def test_a_broken_timestamp_is_untimely_or_forged_and_no_error(timestamp: str) -> None:
    webhook = Webhook({**standard(NOW).headers, "webhook-timestamp": timestamp}, b"{}")
    assert STANDARD.doubt([SECRET], webhook, NOW) is Doubt.FORGED
