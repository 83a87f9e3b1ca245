"""Certificates for the far sides of tests."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Certificates:
    """An authority, a certificate of it for 127.0.0.1 and localhost, and one that nobody vouches for."""

    authority: Path
    server: ssl.SSLContext
    stranger: ssl.SSLContext

    def trusted(self) -> ssl.SSLContext:
        """What a client trusts who trusts the authority."""
        return ssl.create_default_context(cafile=str(self.authority))


def make_certificates(folder: Path, *names: str) -> Certificates:
    """Fresh ones, by default for this machine."""
    names = names or ("127.0.0.1", "localhost")
    key, authority = _issue(("the authority",), None)
    (folder / "authority.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    server = _context(folder / "server.pem", *_issue(names, (key, authority)))
    stranger = _context(folder / "stranger.pem", *_issue(names, None))
    return Certificates(folder / "authority.pem", server, stranger)


_Key = ec.EllipticCurvePrivateKey


def _issue(names: tuple[str, ...], issuer: tuple[_Key, x509.Certificate] | None) -> tuple[_Key, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    signer, issuer_name = (issuer[0], issuer[1].subject) if issuer else (key, subject)
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(issuer_name, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
    )
    return key, builder.sign(signer, hashes.SHA256())


def _general_name(name: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name.replace(" ", "-"))


def _context(path: Path, key: _Key, certificate: x509.Certificate) -> ssl.SSLContext:
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + certificate.public_bytes(encoding))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
