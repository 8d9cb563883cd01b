"""The words of the house as frozen values, and the columns of documents, records, doubts and exposures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

import polars as pl
import pyarrow as pa

from sekisho.wording import Text


class Outcome(StrEnum):
    """What became of a document. Exactly one each."""

    READ = "READ"
    PARTLY_READ = "PARTLY_READ"
    LOCKED = "LOCKED"
    UNREADABLE = "UNREADABLE"
    UNSUPPORTED = "UNSUPPORTED"
    OVER_LIMIT = "OVER_LIMIT"
    VANISHED = "VANISHED"
    LEFT_OUT = "LEFT_OUT"


class Reason(StrEnum):
    """Why an outcome is what it is; `REASONS` says it in words."""

    NONE = ""
    EMPTY = "empty"
    NO_TEXT = "no_text"
    TRUNCATED = "truncated"
    DAMAGED_PART = "damaged_part"
    UNREAD_PART = "unread_part"
    UNDECODED = "undecoded"
    PASSWORD_UNKNOWN = "password_unknown"  # noqa: S105
    TRIES_USED_UP = "tries_used_up"
    RIGHTS_MANAGEMENT = "rights_management"
    DAMAGED = "damaged"
    PARSER_FAILED = "parser_failed"
    NO_RIGHTS = "no_rights"
    IO_ERROR = "io_error"
    CHANGED = "changed"
    NOT_A_FILE = "not_a_file"
    UNKNOWN_KIND = "unknown_kind"
    NO_READER = "no_reader"
    HELPER_MISSING = "helper_missing"
    TOO_LARGE = "too_large"
    TOO_MUCH_OUTPUT = "too_much_output"
    RATIO = "ratio"
    TOO_DEEP = "too_deep"
    TOO_MANY_MEMBERS = "too_many_members"
    MEMORY = "memory"
    TIME = "time"
    GONE = "gone"
    NOT_SEEN = "not_seen"
    IN_DOUBT = "in_doubt"
    BY_RULE = "by_rule"
    LINK = "link"


REASONS: Mapping[Reason, Text] = {
    Reason.NONE: Text("", ""),
    Reason.EMPTY: Text("empty", "内容なし（空）"),
    Reason.NO_TEXT: Text("holds pictures without text; read only with OCR", "画像のみで文字情報なし（OCRが必要）"),
    Reason.TRUNCATED: Text("the file ends too early", "ファイルが途中で切れている"),
    Reason.DAMAGED_PART: Text("a part of it is damaged", "一部が破損"),
    Reason.UNREAD_PART: Text("a part of it could not be read", "一部を読み取れない"),
    Reason.UNDECODED: Text("some characters could not be decoded", "一部の文字を復号できない"),
    Reason.PASSWORD_UNKNOWN: Text("no password at hand opens it", "手元のパスワードでは開けない"),
    Reason.TRIES_USED_UP: Text("the bound on password tries was reached", "パスワード試行の上限に達した"),
    Reason.RIGHTS_MANAGEMENT: Text("the key is held by a rights-management server", "権利管理サーバーが鍵を保持"),
    Reason.DAMAGED: Text("damaged: not what its kind demands", "破損（形式に合わない）"),
    Reason.PARSER_FAILED: Text("its reader failed", "読み取り処理が異常終了"),
    Reason.NO_RIGHTS: Text("no right to read it", "読み取り権限なし"),
    Reason.IO_ERROR: Text("the disk or share gave an error", "ディスクまたは共有の入出力エラー"),
    Reason.CHANGED: Text("it changed while it was read", "読み取り中に変更された"),
    Reason.NOT_A_FILE: Text(
        "a pipe, socket or device, not a file", "通常のファイルではない（パイプ・ソケット・デバイス）"
    ),
    Reason.UNKNOWN_KIND: Text("its kind is not known", "種類を判別できない"),
    Reason.NO_READER: Text("its kind is known but has no reader", "種類は判別できたが対応する読み取り機能がない"),
    Reason.HELPER_MISSING: Text("its reader needs a part that is not installed", "読み取りに必要な部品が未導入"),
    Reason.TOO_LARGE: Text("larger than the limit", "大きさが上限を超える"),
    Reason.TOO_MUCH_OUTPUT: Text("it unpacks to more than the limit", "展開後の量が上限を超える"),
    Reason.RATIO: Text("it unpacks to suspiciously much", "展開率が異常に高い"),
    Reason.TOO_DEEP: Text("nested deeper than the limit", "入れ子の深さが上限を超える"),
    Reason.TOO_MANY_MEMBERS: Text("it holds more members than the limit", "格納数が上限を超える"),
    Reason.MEMORY: Text("its reader needed more memory than it may", "読み取りに必要なメモリーが上限を超える"),
    Reason.TIME: Text("its reader took longer than it may", "読み取り時間が上限を超える"),
    Reason.GONE: Text("it was there when the folder was listed and is gone", "一覧作成後に消失"),
    Reason.IN_DOUBT: Text("rows of it may be persons: nobody said so yet", "個人の記録か未判断の行がある"),
    Reason.NOT_SEEN: Text("a list of hashes names it, and no scan saw it", "ハッシュの一覧にあるが、走査では未確認"),
    Reason.BY_RULE: Text("left out by your rule", "利用者の規則により対象外"),
    Reason.LINK: Text("a link; what it points at is counted where it lies", "リンク（実体のある場所で計上）"),
}


class Protection(IntEnum):
    """How a document is locked, from nothing to strong. Which lock is which: docs/protection.md."""

    NONE = 0
    OPEN_TO_ANYONE = 1
    EDIT_ONLY = 2
    UNDETERMINED = 3
    WEAK = 4
    STRONG = 5


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock: what it is worth and how it is made (``AES-256 agile SHA-512``; empty for none)."""

    protection: Protection = Protection.NONE
    algorithm: str = ""


NO_LOCK = Lock()


@dataclass(frozen=True, slots=True)
class Blob:
    """The bytes of one document and the name it goes by. ``key`` is the password that opened it, if one did.

    ``cut``: why the bytes are not all that there should be, where they are not: it is PARTLY_READ for this reason.
    """

    name: str
    data: bytes | memoryview
    key: str | None = field(default=None, repr=False)
    cut: Reason = Reason.NONE


class Frame(StrEnum):
    """How places inside a content are counted; docs/locators.md is written from these."""

    CELL = "cell"  # Sheet1!A5:H5
    LINE = "line"  # L12
    PAGE = "page"  # p3:L12
    PATH = "path"  # $.people[3]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a content begins: ``base`` is the sheet or table name, page number or path; rows count from ``first``."""

    frame: Frame
    base: str = ""
    first: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """A rectangle of cells as they stand, header rows included: a sheet, a delimited file, a table of a page.

    ``cells``: String columns named "0", "1", ...; null where there is no cell. Whole numbers carry no
    ``.0``, dates are ISO (``1948-04-06``), times follow a blank. Row i stands at ``place.first + i``.
    ``notes``: cell comments by (row index, column index).
    """

    cells: pl.DataFrame
    place: Place
    hidden: bool = False
    notes: Mapping[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prose:
    """Lines of text in reading order; line i stands at ``place.first + i``."""

    lines: Sequence[str]
    place: Place


@dataclass(frozen=True, slots=True)
class Tree:
    """Nested values (mappings, sequences, scalars), as JSON and XML hold them; ``place.base`` is the root path."""

    value: Any
    place: Place


@dataclass(frozen=True, slots=True)
class Gap:
    """Something in the document that could not be read: the document is PARTLY_READ for this reason."""

    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A document inside this one, whose own lock is ``lock``.

    ``load(password)`` gives its bytes (password None where it has no lock of its own); it raises
    WrongPasswordError or a DocumentError. ``name``: text; undecodable bytes are spelled out.
    """

    name: str
    load: Callable[[str | None], Blob]
    lock: Lock = NO_LOCK


Content = Grid | Prose | Tree
Piece = Content | Member | Gap


@dataclass(frozen=True, slots=True)
class Limits:
    """What the reading of one file may cost. Bytes, seconds and counts; docs/limits.md."""

    file_bytes: int = 4 << 30
    output_bytes: int = 2 << 30
    ratio: int = 200
    ratio_from_bytes: int = 64 << 20  # below this output no ratio is held against a document
    depth: int = 8
    members: int = 100_000
    memory_bytes: int = 1536 << 20
    seconds: int = 600
    tries_seconds: float = 20.0  # time for trying passwords on one document
    ocr: bool = False  # read pictures too (extra `ocr`); seconds a page


class Item(StrEnum):
    """The known items about a person; each is a column of the records. Any other one goes to ``other``."""

    BASIC_PENSION_NUMBER = "basic_pension_number"
    CERTIFICATE_NUMBER = "certificate_number"
    MY_NUMBER = "my_number"
    NAME = "name"
    NAME_KANA = "name_kana"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    POSTAL_CODE = "postal_code"
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"


ITEM_TITLES: Mapping[Item, Text] = {
    Item.BASIC_PENSION_NUMBER: Text("basic pension number", "基礎年金番号"),
    Item.CERTIFICATE_NUMBER: Text("pension certificate number", "年金証書番号"),
    Item.MY_NUMBER: Text("My Number", "個人番号（マイナンバー）"),
    Item.NAME: Text("name", "氏名"),
    Item.NAME_KANA: Text("name in kana", "氏名カナ"),
    Item.BIRTH_DATE: Text("birth date", "生年月日"),
    Item.SEX: Text("sex", "性別"),
    Item.POSTAL_CODE: Text("postal code", "郵便番号"),
    Item.ADDRESS: Text("address", "住所"),
    Item.PHONE: Text("phone", "電話番号"),
    Item.EMAIL: Text("e-mail", "メールアドレス"),
}


class State(StrEnum):
    """Whose a record is: on a holder, on a person known only from records, or too little to say."""

    SETTLED = "settled"
    CLUSTERED = "clustered"
    UNMATCHED = "unmatched"


_strings = pa.string()
_shared = pa.dictionary(pa.int32(), pa.string())

DOCUMENTS = pa.schema(
    [
        ("document_id", pa.int64()),
        ("document", _strings),  # path from the scanned root, `!` before a member
        ("file", _strings),  # path of the top-level file
        ("kind", _strings),  # told by content
        ("named_kind", _strings),  # told by the ending; differs from kind where they disagree
        ("outcome", _shared),
        ("reason", _shared),
        ("detail", _strings),  # never personal data
        ("protection", _shared),  # of the strongest lock on its way in
        ("algorithm", _shared),
        ("password_beside", pa.bool_()),
        ("size", pa.int64()),  # bytes
        ("sha256", _strings),
        ("same_as", _strings),  # the document whose identical content was read instead
        ("records", pa.int64()),
        ("modified", pa.timestamp("us", tz="UTC")),  # from here on: of the top-level file
        ("owner", _strings),
        ("group", _strings),
        ("mode", pa.int32()),  # POSIX permission bits; null where unknown
        ("acl", _strings),  # POSIX ACL or imported icacls entries, one a line
    ]
)

RECORDS = pa.schema(
    [
        ("record_id", pa.int64()),
        ("document_id", pa.int64()),
        ("locator", _strings),
        ("shape", _shared),  # table, form, fixed_width, nested, prose
        *((str(item), _strings) for item in Item),
        ("other", pa.map_(_strings, _strings)),  # class or other:<header> -> text as written
        *((f"{item}_as_written", _strings) for item in Item),
        ("why", _shared),  # JSON: item -> [place within the record, reason]; shared by the rows of a block
        ("confidence", pa.float32()),  # 0..1
        ("block", _shared),  # fingerprint of the layout it came from, as doubts name it
    ]
)

DOUBTS = pa.schema(
    [
        ("document_id", pa.int64()),
        ("locator", _strings),
        ("doubt", _shared),  # unnamed_column, no_person_table, low_confidence, ...
        ("block", _strings),  # fingerprint of the layout: equal for like documents
        ("subject", _strings),  # e.g. the header of the column
        ("guess", _strings),
        ("rows", pa.int64()),  # how many rows hang on the decision
    ]
)

MATCHES = pa.schema(
    [
        ("record_id", pa.int64()),
        ("person", pa.int64()),  # random, stable within a scan; null where unmatched
        ("holder", _strings),  # the register's number for the holder, null for clusters
        ("state", _shared),
        ("ask", pa.bool_()),
        ("conflict", _strings),  # items that disagree with the holder, comma-joined; empty where none
        ("probability", pa.float64()),  # that the holder is the record's; null where it is on none
    ]
)

HOLDERS = pa.schema(
    [
        ("basic_pension_number", _strings),
        ("name", _strings),
        ("name_kana", _strings),
        ("birth_date", _strings),
        ("sex", _strings),
        ("postal_code", _strings),
        ("address", _strings),
    ]
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What one file gave, or a part of it: a large file gives several, the last of which is ``last``.

    ``documents``, ``records`` and ``doubts`` are Arrow tables of `DOCUMENTS`, `RECORDS`, `DOUBTS`; a
    ``document_id`` counts from 0 within the file, ``record_id`` is null and the columns from ``modified`` on
    are null: whoever gathers the findings fills them. Every document comes once, complete, after its records.
    ``passwords``: candidates found in texts, cells and names; they never leave memory in clear.
    ``opened_by``: by document_id, digests of the passwords that opened the locks on its way in, for
    `documents.passwords.Gathered.lies_beside` once all candidates are known.
    """

    documents: pa.Table
    records: pa.Table
    doubts: pa.Table
    passwords: tuple[str, ...] = field(default=(), repr=False)
    last: bool = True
    opened_by: Mapping[int, tuple[bytes, ...]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A top-level file: where it lies, what it is called from the root, and what the file system says of it.

    ``path``: bytes that open it; ``document``: its path from the root as text, ``/`` between folders,
    undecodable bytes as ``\\xNN``; ``outcome`` and ``reason`` are set where it is not to be opened at all.
    ``key``: the password that we gave it ourselves, if we did.
    """

    path: bytes
    document: str
    size: int = 0
    modified_ns: int = 0
    inode: int = 0
    owner: str = ""
    group: str = ""
    mode: int | None = None
    acl: str = ""
    outcome: Outcome | None = None
    reason: Reason = Reason.NONE
    key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a human decided: about a doubt, or against what the program was sure of.

    ``subject``: a column or item of the ``block``, empty for the whole of it, or single records of it.
    ``answer``: an item, ``other``, ``not_personal``, ``person`` or ``no_person``.
    """

    block: str
    subject: str
    answer: str
    who: str
    when: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class Head:
    """What a format may look at to know its own: the whole bytes (cheap to slice) and the name as a hint only."""

    data: bytes | memoryview
    name: str


def never_locked(blob: Blob) -> Lock:
    """The lock of a format that knows none."""
    return NO_LOCK


@dataclass(frozen=True, slots=True)
class Format:
    """One file format. `recognise` tells by content; `read` yields what lies in it and raises a DocumentError.

    ``lock`` says how the document is locked; ``unlock(blob, password)`` gives the opened blob or raises
    WrongPasswordError; a lock that is OPEN_TO_ANYONE or EDIT_ONLY is passed by ``read`` itself.
    ``order``: formats are asked in ascending order, so special ones (an Excel file) come before general
    ones (a zip); ``needs``: the extra or Debian package that its reader needs, empty for none.
    ``reads``: False where the kind is only named: its documents are UNSUPPORTED, said by ``read``.
    ``wraps``: kinds that may be inside a locked shell whose content does not tell which; as long as it
    is shut the name's ending decides among them, and once opened the content does.
    """

    kind: str
    title: Text
    suffixes: tuple[str, ...]
    recognise: Callable[[Head], bool]
    read: Callable[[Blob, Limits], Iterator[Piece]]
    lock: Callable[[Blob], Lock] = never_locked
    unlock: Callable[[Blob, str], Blob] | None = None
    order: int = 50
    needs: str = ""
    reads: bool = True
    wraps: tuple[str, ...] = ()


class Proof(IntEnum):
    """What the shape of a value alone proves.

    A pattern is not evidence: below STRONG a header, a word or a neighbour is needed.
    """

    NOTHING = 0  # ten digits
    WEAK = 1  # twelve digits whose check digit fits: one in ten random strings does
    STRONG = 2  # an e-mail address, a date with an era


@dataclass(frozen=True, slots=True)
class Identifier:
    """One item as one country writes it.

    ``headers``: words that name it in a header or a label, in normal form (see `countries.headers`).
    ``parts``: words for a part of it (姓, 元号) -> which part; see `countries.headers.Meaning`.
    ``looks``: whether a value (NFKC, trimmed) looks like one without any header; asked of a few values. None where
    whatever normalises does.
    ``normalise``: String series as written (already NFKC, trimmed) -> normal form, null where it is not one.
    ``examples``: as written -> normal form; ``counter_examples``: what must give null.
    """

    item: str  # an Item, or the key under ``other``
    title: Text
    headers: tuple[str, ...]
    normalise: Callable[[pl.Series], pl.Series]
    examples: Mapping[str, str]
    counter_examples: tuple[str, ...]
    proof: Proof = Proof.NOTHING
    parts: Mapping[str, str] = field(default_factory=dict)
    looks: Callable[[str], bool] | None = None
