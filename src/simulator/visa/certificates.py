"""Throw-away certificates and keys: an authority, the server, a client, and two pairs for messages."""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from simulator.clock import real_now

_BITS = 2048
_VALIDITY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Papers:
    """Where the files are; a client needs its own pair, the authority and its side of the message keys."""

    folder: Path

    def certificate(self, name: str) -> Path:
        """Return where the certificate of one party is."""
        return self.folder / f"{name}.crt"

    def key(self, name: str) -> Path:
        """Return where the private key of one party is."""
        return self.folder / f"{name}.key"


def ensure_papers(folder: Path, host: str) -> Papers:
    """Make everything anew, unless the folder has it."""
    folder.mkdir(parents=True, exist_ok=True)
    papers = Papers(folder)
    names = ("authority", "server", "client", "mle-visa", "mle-client")
    if all(papers.certificate(name).exists() and papers.key(name).exists() for name in names):
        return papers
    authority_key = rsa.generate_private_key(65537, _BITS)
    authority = _certificate("authority", authority_key, None, authority_key, host)
    _write(papers, "authority", authority, authority_key)
    for name in names[1:]:
        key = rsa.generate_private_key(65537, _BITS)
        _write(papers, name, _certificate(name, key, authority, authority_key, host), key)
    return papers


def _certificate(
    name: str,
    key: rsa.RSAPrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: rsa.RSAPrivateKey,
    host: str,
) -> x509.Certificate:
    now = real_now()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"simulated {name}")])
    is_authority = issuer is None
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _VALIDITY)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if name == "server":
        builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(host)]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write(papers: Papers, name: str, certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> None:
    papers.certificate(name).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    path = papers.key(name)
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
