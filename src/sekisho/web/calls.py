"""One call of a client: who asks what, how the vault is asked for it, and what is answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from sekisho.vault import Vault
from sekisho.vault.acts import Acting, Draft, Seen
from sekisho.wording import Text

if TYPE_CHECKING:
    from sekisho.web.clients import Client
    from sekisho.web.desk import Desk

T = TypeVar("T")
BLOCK = 1024
"""Answers are filled up with blanks to a multiple of so many bytes: their length tells a listener little."""


NO_HINT = Text("", "")


class CallError(Exception):
    """Ends a call. ``code`` is documented in docs/serve.md; ``wait``: seconds after which to ask again."""

    def __init__(self, status: int, code: str, message: Text, hint: Text = NO_HINT, wait: int = 0) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.hint, self.wait = status, code, message, hint, wait

    def body(self) -> bytes:
        """What is answered."""
        said = {"en": f"{self.message.en} {self.hint.en}".strip(), "ja": f"{self.message.ja}{self.hint.ja}"}
        return encoded({"error": {"code": self.code, "message": said}})


@dataclass(frozen=True, slots=True)
class Call:
    """One call: of which client, who therefore acts, and what was sent (``said``, never to be logged)."""

    client: Client
    acting: Acting
    said: Mapping[str, Any] = field(repr=False)
    desk: Desk = field(repr=False)

    def ask(self, draft: Draft, question: Callable[[Vault], tuple[T, Seen]]) -> T:
        """What ``question`` finds shortly in the vault, given once the look is durable; many clients share a commit."""
        return self.desk.together.ask(self.acting, draft, question)

    @contextmanager
    def vault(self) -> Iterator[Vault]:
        """The vault for this call alone, in which the client acts: for what takes longer, and says its looks itself."""
        with self.desk.vault() as vault:
            vault.sign_in(lambda: self.desk.acting_of(self.client))
            yield vault

    def text(self, name: str, most: int = 200) -> str:
        """A text that was sent, empty where it was not; raises CallError where it is none or too long."""
        value = self.said.get(name, "")
        if not isinstance(value, str) or len(value) > most:
            raise malformed(name)
        return value

    def texts(self, name: str, most: int = 20) -> list[Mapping[str, Any]]:
        """A list of objects that was sent; raises CallError."""
        value = self.said.get(name, [])
        if not isinstance(value, list) or len(value) > most or not all(isinstance(one, dict) for one in value):
            raise malformed(name)
        return value


@dataclass(frozen=True, slots=True)
class Route:
    """``action``: of `actors/roles.toml`, empty where every client may ask. ``looks``: it shows a person's data.

    ``answer`` gives what is JSON-able, or the bytes of it. ``example``: what is sent.
    """

    method: str
    path: str
    says: Text
    answer: Callable[[Call], Mapping[str, Any] | bytes]
    action: str = ""
    looks: bool = False
    example: Mapping[str, Any] = field(default_factory=dict)


def encoded(value: Mapping[str, Any]) -> bytes:
    """JSON in UTF-8, filled up to whole blocks."""
    made = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode()
    return made + b" " * (-len(made) % BLOCK)


def malformed(name: str) -> CallError:
    """The problem for something sent that is not what it should be."""
    return CallError(
        400, "malformed", Text("{name} is not as it must be.", "{name} の形式が正しくありません。").fill(name=name)
    )
