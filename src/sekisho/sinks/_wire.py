"""What sinks on the network share: trust in the other side's certificate, and words for what went wrong."""

from __future__ import annotations

import re
import ssl

from sekisho.errors import FinalError, RetryableError, UsageError
from sekisho.wording import Text

SECONDS = 60
"""Without a word from the other side a try has failed."""
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that are this machine: the only ones that are spoken to in clear."""


def trust(authority: str | None) -> ssl.SSLContext:
    """TLS 1.2 or later to whom the machine trusts, or only to whom ``authority`` (PEM) vouches for.

    Raises UsageError where that is no certificate.
    """
    try:
        context = ssl.create_default_context(cadata=authority or None)
    except ssl.SSLError as error:
        raise UsageError(
            Text("That is no certificate of an authority.", "認証局の証明書ではありません。"),
            Text("Name a file with certificates in PEM.", "PEM 形式の証明書を指定してください。"),
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def not_reached(error: Exception) -> RetryableError:
    """Nobody answered, or not whom the certificate should be of, or they broke off: they may have it, or not."""
    why = getattr(error, "strerror", None) or getattr(error, "reason", None) or type(error).__name__
    return RetryableError(
        Text("The receiver was not reached, or broke off: {why}.", "接続できないか、中断しました: {why}。").fill(
            why=why
        ),
        Text("It is tried again by itself.", "自動的に再試行します。"),
    )


def put_off(code: int, wait_seconds: int = 0) -> RetryableError:
    """They do not take it now."""
    return RetryableError(
        Text("The receiver does not take it now: {code}.", "受取側が一時的に拒否しました: {code}。").fill(code=code),
        Text("It is tried again by itself.", "自動的に再試行します。"),
        wait_seconds,
    )


def refused(code: int) -> FinalError:
    """They will never take it so."""
    return FinalError(
        Text("The receiver refused it: {code}.", "受取側が拒否しました: {code}。").fill(code=code),
        Text("Ask them why; then `sekisho sinks again`.", "理由を確かめ、`sekisho sinks again` を実行してください。"),
    )


def secret_word(written: str | None) -> str | None:
    """A token or password that may stand in a header; raises UsageError where it may not."""
    if written is not None and not re.fullmatch(r"[!-~]+", written):
        raise UsageError(
            Text("That is no token that can be sent.", "送信できるトークンではありません。"),
            Text("One line of ASCII without blanks is needed.", "空白を含まない ASCII の1行にしてください。"),
        )
    return written
