"""Why an approval does not count, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sekisho.errors import ApprovalError
from sekisho.wording import Text


class Why(StrEnum):
    """Why an approval, or what it approves, is refused."""

    UNKNOWN = "unknown"
    FORGED = "forged"
    REPLAYED = "replayed"
    SELF_GIVEN = "self_given"
    OUTDATED = "outdated"
    CHANGED = "changed"
    BEYOND_ROLE = "beyond_role"
    DISABLED = "disabled"
    OTHER_VAULT = "other_vault"
    REFUSED = "refused"
    NOT_APPROVED = "not_approved"


SAID: Mapping[Why, Text] = {
    Why.UNKNOWN: Text("there is no such proposal", "該当する提案がありません"),
    Why.FORGED: Text("the signature is not that of who is named", "記載された利用者の署名ではありません"),
    Why.REPLAYED: Text(
        "it was carried out or decided already, or approves another", "実行・判断済みか、別の提案への承認です"
    ),
    Why.SELF_GIVEN: Text("whoever proposes something cannot approve it", "提案した本人は承認できません"),
    Why.OUTDATED: Text("it is too old", "期限が切れています"),
    Why.CHANGED: Text(
        "what is to be done is not what was proposed: it changed since", "提案時から内容が変わっています"
    ),
    Why.BEYOND_ROLE: Text("it is beyond the role of who signed it", "署名した利用者の役割の範囲外です"),
    Why.DISABLED: Text("who signed it is disabled", "署名した利用者は停止されています"),
    Why.OTHER_VAULT: Text("it was signed for another vault", "別の保管庫のための署名です"),
    Why.REFUSED: Text("it was refused", "却下されています"),
    Why.NOT_APPROVED: Text("nobody has approved it yet", "まだ承認されていません"),
}
_HINTS: Mapping[Why, Text] = {
    Why.NOT_APPROVED: Text(
        "Another actor approves it: `sekisho proposal approve HASH --as NAME`.",
        "別の利用者が承認します: `sekisho proposal approve ハッシュ --as 名前`。",
    ),
    Why.SELF_GIVEN: Text("Another actor must look at it.", "別の利用者が確認してください。"),
}
_HINT = Text(
    "`sekisho proposal list` shows what is open; propose it anew.",
    "`sekisho proposal list` で確認し、改めて提案してください。",
)


def refused(why: Why) -> ApprovalError:
    """The error for it."""
    said = Text("This does not count as approved: {why}.", "承認として認められません: {why}。")
    return ApprovalError(said.fill(why=SAID[why]), _HINTS.get(why, _HINT), str(why))
