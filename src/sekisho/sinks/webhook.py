"""A webhook: each parcel is one POST over HTTPS, with an ``Idempotency-Key`` by which the receiver knows it again.

Taken is what they answer with 2xx. 408, 409, 425, 429 (with their Retry-After), 5xx and silence are tried again: 409
is what a receiver says who still works on the first of two (draft-ietf-httpapi-idempotency-key-header, 2.7), as may be
after a kill. Any other 4xx is final, and so is 3xx: what is sent to one address is never sent to another one.
"""

from __future__ import annotations

import hashlib
import http.client
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from mimetypes import guess_type
from urllib.parse import SplitResult, urlsplit

from sekisho.errors import UsageError
from sekisho.sinks import OPTIONAL, Form, Kind, Parcel, Receipt, Setting
from sekisho.sinks._wire import HERE, SECONDS, not_reached, put_off, refused, secret_word, trust
from sekisho.wording import Text

_LATER = frozenset({408, 409, 425, 429})
_MOST_ANSWERED = 1 << 16


class Webhook:
    """One address."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        """Raises UsageError for an address that is none, or not of HTTPS."""
        url, port = _address(settings["url"])
        clear = url.scheme == "http"
        self._host, self._port = url.hostname or "", port
        self._target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        self._tls = None if clear else trust(settings.get("authority"))
        self._token = secret_word(settings.get("token"))

    def send(self, parcel: Parcel) -> Receipt:
        """Raises RetryableError, FinalError."""
        body = b"".join(_form(parcel))
        connection = self._connection()
        try:
            connection.request("POST", self._target, body, self._headers(parcel, body))
            answer = connection.getresponse()
            answer.read(_MOST_ANSWERED)
        except (OSError, http.client.HTTPException) as error:
            raise not_reached(error) from error
        finally:
            connection.close()
        if 200 <= answer.status < 300:
            return Receipt(str(answer.status))
        if answer.status in _LATER or answer.status >= 500:
            raise put_off(answer.status, _seconds(answer.headers.get("Retry-After", "")))
        raise refused(answer.status)

    def _connection(self) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=SECONDS)
        return http.client.HTTPSConnection(self._host, self._port, timeout=SECONDS, context=self._tls)

    def _headers(self, parcel: Parcel, body: bytes) -> dict[str, str]:
        said = {
            "Idempotency-Key": f'"{parcel.key}"',
            "Content-Type": f"multipart/form-data; boundary={parcel.key}",
            "Content-Digest": f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:",
            "User-Agent": "sekisho",
        }
        return said | ({"Authorization": f"Bearer {self._token}"} if self._token else {})


def _address(written: str) -> tuple[SplitResult, int | None]:
    """Where it leads, with the port; raises UsageError where nothing may go there."""
    try:
        url = urlsplit(written)
        port = url.port
    except ValueError as error:
        raise _no_address() from error
    safe = url.scheme == "https" or (url.scheme == "http" and url.hostname in HERE)
    if not (safe and url.hostname and re.fullmatch(r"[!-~]+", written)) or url.username or url.fragment:
        raise _no_address()
    return url, port


def _no_address() -> UsageError:
    return UsageError(
        Text("This is no address that parcels may go to.", "送付先にできないアドレスです。"),
        Text("As: https://host/path, without a name or password in it.", "例: https://host/path（認証情報は含めない）"),
    )


def _form(parcel: Parcel) -> Iterator[bytes]:
    """``name``, ``kind`` and the files (RFC 7578); the same parcel is the same bytes."""
    for field, said in (("name", parcel.name), ("kind", parcel.kind)):
        yield f'--{parcel.key}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{said}\r\n'.encode()
    for name in sorted(parcel.content):
        kind = guess_type(name)[0] or "application/octet-stream"
        yield f'--{parcel.key}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode()
        yield f"Content-Type: {kind}\r\n\r\n".encode()
        yield parcel.content[name]
        yield b"\r\n"
    yield f"--{parcel.key}--\r\n".encode()


def _seconds(retry_after: str) -> int:
    """How long they ask to wait: a number of seconds, or a date (RFC 9110, 10.2.3); 0 where they say nothing usable."""
    if retry_after.isascii() and retry_after.isdecimal():
        return int(retry_after[:9])
    try:
        then = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0, int((then - datetime.now(UTC)).total_seconds()))


SINK = Kind(
    Text("a webhook: a POST over HTTPS", "Webhook（HTTPS の POST）"),
    (
        Setting("url", Text("the address: https://...", "アドレス（https://…）")),
        Setting("token", Text("a file with the bearer token", "Bearer トークンのファイル"), OPTIONAL, Form.FILE),
        Setting("authority", Text("who vouches for them (PEM)", "認証局の証明書（PEM）"), OPTIONAL, Form.FILE),
    ),
    Webhook,
)
