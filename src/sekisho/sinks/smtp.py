"""Mail: each parcel is one message to one address, always with the same ``Message-ID``.

SMTP itself cannot say whether a message was taken when the answer to it was lost (RFC 1047): it is sent again, and who
receives it knows by its ``Message-ID`` that they have it (as RFC 7352 `duplicate` does, and most mail stores). What is
not for everybody goes only to the holder of a certificate: S/MIME (RFC 8551). No subject, name or text says more than
what the parcel is called.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from mimetypes import guess_type

from sekisho.errors import FinalError, SinkError, UsageError
from sekisho.sinks import OPTIONAL, Form, Kind, Parcel, Receipt, Setting
from sekisho.sinks._envelope import read_certificate, sealed_for
from sekisho.sinks._wire import HERE, SECONDS, not_reached, put_off, refused, secret_word, trust
from sekisho.vault.parcels import FOR_EVERYBODY
from sekisho.wording import Text

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
STARTTLS, TLS, CLEAR = "starttls", "tls", "none"
_PORTS = {STARTTLS: 587, TLS: 465, CLEAR: 25}


class Smtp:
    """One address behind one server."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        """Raises UsageError for settings that cannot be."""
        self._host, self._way = settings["host"], settings.get("security") or STARTTLS
        self._to, self._from = settings["to"], settings["from"]
        for address in (self._to, self._from):
            if not _ADDRESS.fullmatch(address):
                raise _cannot_be(Text("one address each: to, from", "to・from にはアドレスを1つずつ指定"))
        if self._way not in _PORTS or (self._way == CLEAR and self._host not in HERE):
            raise _cannot_be(Text("security: starttls or tls", "security は starttls か tls"))
        self._port = _port(settings.get("port") or str(_PORTS[self._way]))
        self._tls = trust(settings.get("authority"))
        self._login = (settings.get("user"), secret_word(settings.get("password")))
        pem = settings.get("certificate")
        self._certificate = read_certificate(pem) if pem else None

    def send(self, parcel: Parcel) -> Receipt:
        """Raises RetryableError, FinalError."""
        message = self._message(parcel)
        try:
            with closing(self._connected()) as server:
                self._hand_over(server, message)
        except smtplib.SMTPRecipientsRefused as error:
            raise _sorted(next(iter(error.recipients.values()))[0]) from error
        except smtplib.SMTPResponseException as error:
            raise _sorted(error.smtp_code) from error
        except (OSError, smtplib.SMTPException) as error:
            raise not_reached(error) from error
        return Receipt("taken")

    def _connected(self) -> smtplib.SMTP:
        if self._way == TLS:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=SECONDS, context=self._tls)
        return smtplib.SMTP(self._host, self._port, timeout=SECONDS)

    def _hand_over(self, server: smtplib.SMTP, message: bytes) -> None:
        if self._way == STARTTLS:
            server.starttls(context=self._tls)
        user, password = self._login
        if user and password:
            server.login(user, password)
        server.sendmail(self._from, [self._to], message)
        with suppress(OSError, smtplib.SMTPException):  # they have it, however they part from us
            server.quit()

    def _message(self, parcel: Parcel) -> bytes:
        if self._certificate:
            inner = _told(parcel).as_bytes(policy=SMTP)
            message = EmailMessage()
            message.set_content(
                sealed_for(self._certificate, inner), "application", "pkcs7-mime", disposition="attachment",
                filename="smime.p7m", params={"smime-type": "enveloped-data"},
            )  # fmt: skip
        elif parcel.kind in FOR_EVERYBODY:
            message = _told(parcel)
        else:
            raise FinalError(
                Text(
                    "It is not for everybody, and the sink has no certificate.",
                    "非公開の内容ですが、証明書が未設定です。",
                ),
                Text("Set the sink up with the receiver's certificate.", "受取側の証明書を設定してください。"),
            )
        message["From"], message["To"], message["Subject"] = self._from, self._to, parcel.name
        message["Date"] = format_datetime(datetime.fromisoformat(parcel.at))
        message["Message-ID"] = f"<{parcel.key}@{self._from.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        return message.as_bytes(policy=SMTP)


def _told(parcel: Parcel) -> EmailMessage:
    """The files as attachments; the same parcel is the same bytes."""
    message = EmailMessage()
    message.set_content(f"{parcel.kind}: {', '.join(sorted(parcel.content))}\n")
    for name in sorted(parcel.content):
        kind, _, subtype = (guess_type(name)[0] or "application/octet-stream").partition("/")
        message.add_attachment(parcel.content[name], kind, subtype, filename=name)
    message.set_boundary(f"=_{parcel.key}")
    return message


def _sorted(code: int) -> SinkError:
    """4xx is for now, 5xx for good (RFC 5321, 4.2.1)."""
    return refused(code) if code >= 500 else put_off(code)


def _port(written: str) -> int:
    if not (written.isascii() and written.isdecimal() and 0 < int(written) < 1 << 16):
        raise _cannot_be(Text("port: a number", "port は番号"))
    return int(written)


def _cannot_be(why: Text) -> UsageError:
    return UsageError(
        Text("Mail cannot go there so.", "この設定ではメールを送れません。"),
        Text("Needed is {why}.", "必要なもの: {why}。").fill(why=why),
    )


SINK = Kind(
    Text("mail to one address, sealed where it is not for everybody", "メール（非公開のものは暗号化）"),
    (
        Setting("host", Text("the server that takes it", "送信サーバー")),
        Setting("to", Text("the address", "宛先")),
        Setting("from", Text("the sender's address", "差出人")),
        Setting("port", Text("its port (587, with tls 465)", "ポート（587、tls は465）"), OPTIONAL),
        Setting("security", Text("starttls (default) or tls", "starttls（既定）か tls"), OPTIONAL),
        Setting("user", Text("who signs in there", "認証の利用者名"), OPTIONAL),
        Setting("password", Text("a file with their password", "パスワードのファイル"), OPTIONAL, Form.FILE),
        Setting("certificate", Text("the receiver's (PEM, RSA)", "受取側の証明書（PEM・RSA）"), OPTIONAL, Form.FILE),
        Setting("authority", Text("who vouches for the server", "サーバーの認証局の証明書"), OPTIONAL, Form.FILE),
    ),
    Smtp,
)
