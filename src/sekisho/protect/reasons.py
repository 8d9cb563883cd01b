"""Why a file was left as it is. Each is an outcome of that one file; nothing is left in silence."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sekisho.wording import Text


class Left(StrEnum):
    """Why a file was left as it is."""

    CHANGED = "changed"
    GONE = "gone"
    NOT_A_FILE = "not_a_file"
    LINKED = "linked"
    IN_USE = "in_use"
    NO_RIGHTS = "no_rights"
    READ_ONLY = "read_only"
    RIGHTS_NOT_KEPT = "rights_not_kept"
    IO_ERROR = "io_error"
    LOCKED = "locked"
    SIGNED = "signed"
    DAMAGED = "damaged"
    TOO_LARGE = "too_large"
    NO_OWN_LOCK = "no_own_lock"
    NOT_PROVEN = "not_proven"
    FAILED = "failed"
    TAKEN = "taken"
    INCIDENT = "incident"
    LEGAL_HOLD = "legal_hold"
    NOWHERE_TO_MOVE = "nowhere_to_move"
    THERE_ALREADY = "there_already"
    NOT_SWITCHED_ON = "not_switched_on"
    RIGHTS_UNKNOWN = "rights_unknown"
    LAPSED = "lapsed"
    NO_ORIGINAL = "no_original"
    ORIGINAL_DAMAGED = "original_damaged"


LEFT: Mapping[Left, Text] = {
    Left.CHANGED: Text("it changed since the scan", "走査後に変更された"),
    Left.GONE: Text("it is gone", "なくなっている"),
    Left.NOT_A_FILE: Text("a link or no plain file lies there now", "リンクなど、通常のファイルではない"),
    Left.LINKED: Text(
        "it has further names (hard links), which would go on leading to the old content",
        "ほかの名前（ハードリンク）があり、元の内容が残る",
    ),
    Left.IN_USE: Text("somebody has it open", "使用中"),
    Left.NO_RIGHTS: Text("no right to change it or its folder", "ファイルまたはフォルダーを変更する権限がない"),
    Left.READ_ONLY: Text("it lies on something that cannot be written", "書き込みできない場所にある"),
    Left.RIGHTS_NOT_KEPT: Text("its owner, rights or times could not be kept", "所有者・権限・日時を引き継げない"),
    Left.IO_ERROR: Text("the disk or share gave an error", "ディスクまたは共有の入出力エラー"),
    Left.LOCKED: Text("it has a lock already that does not count", "認められない鍵がすでに掛かっている"),
    Left.SIGNED: Text("it is signed: encrypting would break the signature", "電子署名があり、暗号化すると無効になる"),
    Left.DAMAGED: Text("it is damaged, and writing it anew could lose something", "破損しており、書き直すと失われうる"),
    Left.TOO_LARGE: Text("too large to be encrypted in place", "その場で暗号化するには大きすぎる"),
    Left.NO_OWN_LOCK: Text("its format has no lock of its own", "形式に固有の暗号化がない"),
    Left.NOT_PROVEN: Text(
        "what was encrypted did not open again as it was; nothing was changed",
        "暗号化したものが元どおりに開かなかった（変更なし）",
    ),
    Left.FAILED: Text("the part that encrypts failed on it", "暗号化の処理が異常終了"),
    Left.TAKEN: Text("something else lies where it would go", "移動先に別のものがある"),
    Left.INCIDENT: Text("it belongs to an open incident", "対応中の事案の文書"),
    Left.LEGAL_HOLD: Text("it is under legal hold", "法的保全の対象"),
    Left.NOWHERE_TO_MOVE: Text("no folder to move it to is set", "移動先のフォルダーが設定されていない"),
    Left.THERE_ALREADY: Text(
        "it lies in the folder for moved files, whose rights are too wide", "移動先のフォルダーにあり、権限が広すぎる"
    ),
    Left.NOT_SWITCHED_ON: Text("overdue, and deleting is not switched on", "期限超過だが、削除は有効になっていない"),
    Left.RIGHTS_UNKNOWN: Text("its rights are not known", "権限が不明"),
    Left.LAPSED: Text("the time to undo it has passed", "取り消し期限を過ぎた"),
    Left.NO_ORIGINAL: Text("the key to the kept original is not here", "保管した元ファイルの鍵がない"),
    Left.ORIGINAL_DAMAGED: Text(
        "the kept original is damaged or gone: a backup of the vault may hold it",
        "保管した元ファイルが破損または欠落している（保管庫の控えにある可能性）",
    ),
}


class LeftError(Exception):
    """One file is left as it is; ``reason`` says why. The run goes on with the next."""

    def __init__(self, reason: Left) -> None:
        super().__init__(reason)
        self.reason = reason
