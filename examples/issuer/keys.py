"""The issuer's secrets: one signing key and one secret per client. Made when first asked for, kept in files of mode 0600."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Final

from joserfc.jwk import RSAKey

ALGORITHM: Final = "RS256"
KEY_BITS: Final = 2048

_KEY_FILE: Final = "signing-key.pem"
_CLIENT_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def load_signing_key(folder: Path) -> RSAKey:
    """The key that signs every token, with its RFC 7638 thumbprint as `kid`. OSError when `folder` cannot be used."""
    path = folder / _KEY_FILE
    if not path.exists():
        _write_once(path, RSAKey.generate_key(KEY_BITS, private=True).as_pem(private=True))
    key = RSAKey.import_key(path.read_bytes(), {"use": "sig", "alg": ALGORITHM})
    key.ensure_kid()
    return key


def client_secret_file(folder: Path, client_id: str) -> Path:
    """Where the secret of a client stands, for the process that acts as this client. ValueError when it is no client id."""
    if not _CLIENT_ID.fullmatch(client_id):
        raise ValueError(f"{client_id!r} is no client id: use lower-case letters, digits and dashes")
    return folder / "clients" / f"{client_id}.secret"


def load_client_secret(folder: Path, client_id: str) -> str:
    """The secret that a client must show. ValueError when it is no client id."""
    path = client_secret_file(folder, client_id)
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(32).encode())
    return path.read_text()


def _write_once(path: Path, content: bytes) -> None:
    """Put a secret in place, whole and readable by its owner only. The first of several writers wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
