"""What was sent: one JSON object in UTF-8, of which nothing can be read in two ways."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sekisho.web.calls import CallError
from sekisho.wording import Text

MOST_BYTES = 16_384
_JSON = "application/json"


def body(environ: Mapping[str, Any]) -> bytes:
    """All that was sent: read also where nothing comes of it, so that the next call on the connection is whole."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        raise CallError(411, "length_needed", Text("Send a Content-Length.", "Content-Length を付けてください。"))
    length = environ.get("CONTENT_LENGTH") or "0"
    if not str(length).isdecimal() or int(length) > MOST_BYTES:
        raise CallError(413, "too_large", Text("That is too much to send.", "送信内容が大きすぎます。"))
    if int(length) and str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower() != _JSON:
        raise CallError(415, "not_json", Text("Send application/json.", "application/json で送信してください。"))
    sent: bytes = environ["wsgi.input"].read(int(length))
    if len(sent) < int(length):
        raise CallError(400, "not_json", Text("Not all of it came.", "送信内容が途中で切れています。"))
    return sent


def read(sent: bytes) -> Mapping[str, Any]:
    """The object that was sent, an empty one where nothing was; raises CallError."""
    try:
        text = sent.decode("utf-8-sig")
        said = json.loads(text, object_pairs_hook=_once) if text else {}
    except (ValueError, RecursionError) as error:
        raise CallError(400, "not_json", Text("That is no JSON.", "JSON として読み取れません。")) from error
    if not isinstance(said, dict):
        raise CallError(400, "not_json", Text("A JSON object is needed.", "JSON のオブジェクトが必要です。"))
    if "\\u" in text:
        _demand_text(said)
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; one in which a name stands twice says two things, and nobody knows which is meant."""
    said = dict(pairs)
    if len(said) < len(pairs):
        raise CallError(
            400,
            "twice",
            Text("A name stands twice in what was sent.", "送信内容に同じ名前の項目が2回あります。"),
            Text("Send each once.", "項目は1回ずつ送信してください。"),
        )
    return said


def _demand_text(said: Mapping[str, Any]) -> None:
    """Raises CallError where half a character was sent: JSON can write one half of a pair, but no text has it."""
    try:
        json.dumps(said, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError) as error:
        raise CallError(
            400,
            "not_text",
            Text("Half a character was sent (a lone surrogate).", "不完全な文字（サロゲートの片方）があります。"),
            Text("Send whole characters, in UTF-8.", "UTF-8 の完全な文字で送信してください。"),
        ) from error
