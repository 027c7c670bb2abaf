"""A self-signed certificate for the door, until the operator puts a real one in its place."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.setup.problems import SetupError

VALID_DAYS = 397
"""As long as browsers accept (CA/Browser Forum, baseline requirements 6.3.2)."""


def write_certificate(folder: Path, name: str) -> str:
    """Write ``tls.crt`` and ``tls.key`` for a host's name or address where they are missing.

    The proxy runs as another user, so both are open to all who reach their volume.

    Raises:
        SetupError: if they cannot be written.
    """
    certificate, key_file = folder / "tls.crt", folder / "tls.key"
    if certificate.exists() and key_file.exists():
        return f"{certificate} is there."
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName([_alternative(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    try:
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    except OSError as error:
        raise SetupError(f"{folder} cannot be written: {error.strerror}.") from error
    return f"{certificate}: self-signed for {name}, {VALID_DAYS} days."


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
