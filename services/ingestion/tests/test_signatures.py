"""Only who knows a secret gets in."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from kinetic.ingestion.connectors import CONNECTORS

HEADERS = {"github": "x-hub-signature-256", "jira": "x-hub-signature"}
BODY = '{"title": "Ümlaut"}'.encode()


def sign(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def verify(tool: str, secrets: list[str], signature: str, body: bytes = BODY) -> bool:
    return CONNECTORS[tool].verify(secrets, {HEADERS[tool]: signature}, body)


def test_github_signs_as_its_documentation_says() -> None:
    # The example in GitHub's "Validating webhook deliveries".
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    assert verify("github", ["It's a Secret to Everybody"], signature, b"Hello, World!")


@pytest.mark.parametrize("tool", sorted(HEADERS))
def test_either_secret_is_valid_during_a_rotation(tool: str) -> None:
    assert verify(tool, ["new", "old"], sign("new", BODY))
    assert verify(tool, ["new", "old"], sign("old", BODY))
    assert not verify(tool, ["new"], sign("old", BODY))


@pytest.mark.parametrize("tool", sorted(HEADERS))
def test_signature_of_another_body_is_wrong(tool: str) -> None:
    assert not verify(tool, ["new"], sign("new", BODY + b" "))


@pytest.mark.parametrize("tool", sorted(HEADERS))
@pytest.mark.parametrize("signature", ["", "sha256=", "sha1=00", "ü", "sha256=" + "0" * 64])
def test_malformed_signature_is_wrong_and_no_error(tool: str, signature: str) -> None:
    assert not verify(tool, ["new"], signature)


@pytest.mark.parametrize("tool", sorted(HEADERS))
def test_missing_signature_is_wrong(tool: str) -> None:
    assert not CONNECTORS[tool].verify(["new"], {}, BODY)


@pytest.mark.parametrize("tool", sorted(HEADERS))
def test_wrong_by_one_digit_is_wrong(tool: str) -> None:
    right = sign("new", BODY)

    assert not verify(tool, ["new"], right[:-1] + ("0" if right[-1] != "0" else "1"))
