"""Mail addresses, as written but in lower case."""

from __future__ import annotations

import polars as pl

from sekisho.countries import columns
from sekisho.model import Identifier, Item, Proof
from sekisho.wording import Text


@columns.way
def normalise() -> pl.Expr:
    """The address in lower case."""
    bare = columns.text().str.to_lowercase().str.replace(r"^(?:mailto:|<)+", "").str.replace(r"[>;,]+$", "")
    pattern = r"^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+$"
    return columns.matching(bare, pattern)


IDENTIFIER = Identifier(
    item=Item.EMAIL,
    title=Text("e-mail", "メールアドレス"),
    headers=(
        "メールアドレス",
        "メール",
        "eメール",
        "電子メール",
        "電子メールアドレス",
        "mail",
        "email",
        "emailaddress",
        "emailaddr",
        "mailaddress",
        "eメールアドレス",
        "メアド",
        "pcメール",
        "携帯メール",
        "携帯メールアドレス",
        "pcメールアドレス",
        "メールaddress",
        "連絡先メール",
        "連絡先メールアドレス",
        "めーる",
        "メルアド",
    ),
    normalise=normalise,
    proof=Proof.STRONG,
    examples={"Taro.Yamada@example.jp": "taro.yamada@example.jp", "<hanako@example.co.jp>": "hanako@example.co.jp"},
    counter_examples=("taro@", "@example.jp", "taro example.jp", "taro@localhost", "山田@例え"),
)
