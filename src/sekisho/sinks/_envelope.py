"""Seals what goes out to the holder of a certificate: CMS EnvelopedData (RFC 5652), AES-256, which openssl opens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sekisho.errors import RetryableError, UsageError
from sekisho.wording import Text

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_FEWEST_BITS = 2048


def read_certificate(pem: str) -> Certificate:
    """The certificate of who is to open it; raises UsageError where it is none that can be used."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        key = certificate.public_key()
    except ValueError as error:
        raise _no_certificate() from error
    if not isinstance(key, RSAPublicKey) or key.key_size < _FEWEST_BITS:
        raise _no_certificate()
    return certificate


def sealed_for(certificate: Certificate, content: bytes) -> bytes:
    """``content`` sealed for the holder of the certificate (DER); raises RetryableError where it is not valid now."""
    from cryptography.hazmat.primitives.ciphers.algorithms import AES256
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

    if not certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc:
        raise RetryableError(
            Text("The receiver's certificate is not valid now.", "受取側の証明書が有効期間外です。"),
            Text("Set the sink up with their new one.", "新しい証明書で送付先を設定してください。"),
        )
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(content).add_recipient(certificate)
    builder = builder.set_content_encryption_algorithm(AES256)
    return builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def fingerprint(certificate: Certificate) -> str:
    """Which certificate it is: SHA-256, hexadecimal."""
    from cryptography.hazmat.primitives.hashes import SHA256

    return certificate.fingerprint(SHA256()).hex()


def _no_certificate() -> UsageError:
    return UsageError(
        Text("This is no certificate that can be sealed for.", "暗号化に使える証明書ではありません。"),
        Text(
            "A certificate in PEM with an RSA key of 2048 bits or more is needed.",
            "2048ビット以上の RSA 鍵の証明書（PEM）を指定してください。",
        ),
    )
