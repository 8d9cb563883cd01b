"""What can be said of an incident: the kinds of facts, and the fields of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from sekisho.countries import law
from sekisho.incidents.answers import AIMS, ANSWERS, HAPPENINGS, ROLES, STATUSES, SURE
from sekisho.wording import Text


class Type(StrEnum):
    """What stands in a field."""

    TEXT = "text"
    TIME = "time"
    CHOICE = "choice"
    COUNT = "count"
    DIGESTS = "digests"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``needed``: it must be said; ``first``: it stands in a call by itself, without its name.

    ``ahead``: it may be a time that is still to come.
    """

    name: str
    says: Text
    type: Type = Type.TEXT
    needed: bool = False
    first: bool = False
    choices: Mapping[str, Text] = field(default_factory=dict)
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fact. ``of``: the fields that say what it is of: of facts of the same, the last one stands.

    No field: there is one such fact. None: all of them stand beside each other.
    """

    name: str
    says: Text
    fields: tuple[Field, ...]
    of: tuple[str, ...] | None = None
    example: str = ""

    def field(self, name: str) -> Field:
        """One field."""
        return next(one for one in self.fields if one.name == name)


def _text(name: str, en: str, ja: str) -> Field:
    return Field(name, Text(en, ja))


def _first(name: str, en: str, ja: str, choices: Mapping[str, Text] | None = None) -> Field:
    kind = Type.CHOICE if choices else Type.TEXT
    return Field(name, Text(en, ja), kind, needed=True, first=True, choices=choices or {})


def _time(name: str, en: str, ja: str, *, needed: bool = False) -> Field:
    return Field(name, Text(en, ja), Type.TIME, needed)


def _choice(name: str, en: str, ja: str, choices: Mapping[str, Text]) -> Field:
    return Field(name, Text(en, ja), Type.CHOICE, choices=choices)


_AT = _time("at", "when", "日時", needed=True)
_EVIDENCE = _text("evidence", "what shows it", "根拠")
_SURE = _choice("sure", "how well it is known", "確からしさ", SURE)
AS_OF = "as_of"
"""The field that says of when a fact is."""
SCOPE = Kind(
    "documents",
    Text("documents that belong to it", "対象の文書"),
    (
        Field("scan", Text("number of the scan", "走査の番号"), Type.COUNT, needed=True, first=True),
        _text("folder", "a folder of it only", "走査のうちのフォルダー"),
        Field("hashes", Text("SHA-256 of the documents, of it only", "対象文書の SHA-256"), Type.DIGESTS),
    ),
    example="3 --folder naha/records",
)
NOBODY_IN = Kind(
    "nobody_in",
    Text("unread documents in which nobody stands, as somebody found out", "個人情報がないと確認した未読の文書"),
    (
        *SCOPE.fields,
        Field("why", Text("how that is known", "確認の方法・根拠"), needed=True),
    ),
    example='3 --folder tools/setup.exe --why "opened and looked at"',
)
EVIDENCE = Kind(
    "evidence",
    Text("a file that is evidence, by its hash", "証拠ファイル（ハッシュ値）"),
    (
        _text("name", "its name", "名前"),
        Field("sha256", Text("its SHA-256", "SHA-256"), needed=True),
        Field("size", Text("its size in bytes", "大きさ（バイト）"), Type.COUNT),
        _text("what", "what it is", "内容"),
        _text("source", "from whom or where it comes", "入手元"),
        _text("keeper", "who keeps it, and where", "保管者・保管場所"),
        _time("at", "when it was secured", "保全した日時"),
    ),
    ("sha256",),
    'proxy.log --source "the proxy" --keeper "IT, safe 2"',
)
HANDED = Kind(
    "handed",
    Text("what was handed to another party", "他機関への提供"),
    (
        _first("party", "to whom", "提供先"),
        _first("what", "what", "提供した物"),
        _AT,
        _text("by", "who handed it over", "提供した者"),
        Field("hashes", Text("SHA-256 of what was handed over", "提供物の SHA-256"), Type.DIGESTS),
    ),
    example='"prefectural police" "copy of the logs" --at 2015-05-29T15:00 --by "information systems"',
)
FILED = Kind(
    "filed",
    Text("a report that was filed, or a duty that was met", "提出済みの報告・履行済みの義務"),
    (
        _first("duty", "which, as `sekisho incident clocks` calls it", "義務（`sekisho incident clocks` の名前）"),
        _AT,
        _text("receipt", "its receipt", "受付番号"),
    ),
    ("duty",),
    "jp_public.preliminary --at 2015-06-01T11:00 --receipt 0123",
)
WITHDRAWN = Kind(
    "withdrawn",
    Text("that a fact no longer holds", "事実の取消し"),
    (
        Field("fact", Text("number of the fact", "事実の番号"), Type.COUNT, needed=True, first=True),
        _first("why", "why", "理由"),
    ),
    example='4 "another incident"',
)
CLOSING = Kind(
    "closing",
    Text("how it ended", "終結の内容"),
    (_first("what", "in a few words", "内容"),),
    example='"all were told"',
)
PERSONS = "persons"
_KINDS = (
    Kind("kind", Text("what happened", "事案の種類"), (_first("kind", "which", "種類", HAPPENINGS),), (), "leak"),
    Kind(
        "zone", Text("its time zone", "時間帯"), (_first("zone", "as Asia/Tokyo", "例: Asia/Tokyo"),), (), "Asia/Tokyo"
    ),
    SCOPE,
    NOBODY_IN,
    Kind(
        "terminal",
        Text("a terminal", "端末"),
        (
            _first("name", "its name", "名前"),
            _time("infected", "when it was infected", "感染日時"),
            _EVIDENCE,
        ),
        ("name",),
        "TERM031 --infected 2015-05-20T11:12",
    ),
    Kind(
        "system",
        Text("a system and what is known of it", "システムの状態"),
        (
            _first("name", "its name", "名前"),
            _first("status", "what is known of it", "状態", STATUSES),
            _EVIDENCE,
            _time(AS_OF, "as of when", "時点", needed=True),
        ),
        ("name",),
        'FILESRV2 accessed --as-of 2015-05-28 --evidence "proxy log"',
    ),
    Kind(
        "infected",
        Text("a first infection, or the beginning", "最初の感染（発生）"),
        (_AT, _text("how", "how", "経緯"), _EVIDENCE, _SURE),
        example="--at 2015-05-08T10:28 --how mail",
    ),
    Kind(
        "known",
        Text("somebody in any department came to know of it", "職員が事態を知ったこと（部署を問わない）"),
        (
            _first("by", "who, in which department", "知った者・部署"),
            _AT,
            _text("through", "through whom or what", "端緒（通報元・検知方法）"),
            _EVIDENCE,
        ),
        example='"Kyushu regional office" --at 2015-05-08T15:00 --through NISC',
    ),
    Kind(
        "offence",
        Text("a suspected offence", "犯罪の疑い"),
        (
            _first("suspected", "whether there is one", "疑いの有無", ANSWERS),
            _text("what", "which", "罪名・内容"),
            _text("complaint", "number of the complaint", "被害届・告訴の受理番号"),
            _text("authority", "where it was made", "届出先"),
            _time("at", "when", "届出日時"),
        ),
        (),
        'yes --what "unauthorised access" --complaint 27-123 --authority "Takaido police station"',
    ),
    Kind(
        "party",
        Text("another party", "関係機関"),
        (
            _first("name", "its name", "名称"),
            _first("role", "which it is", "区分", ROLES),
            _text("contact", "whom to ask there", "連絡先"),
        ),
        ("name",),
        '"prefectural police" police',
    ),
    HANDED,
    Kind(
        "measure",
        Text("a measure, with its owner and date", "措置（責任者・期日）"),
        (
            _first("what", "what is done", "内容"),
            Field("owner", Text("who answers for it", "責任者"), needed=True),
            Field("due", Text("by when", "期日"), Type.TIME, needed=True, ahead=True),
            _time("done", "when it was done", "実施日時"),
            _choice("aim", "response or prevention", "目的", AIMS),
        ),
        ("what",),
        '"apart networks" --owner "head of IT" --due 2015-06-30 --aim prevention',
    ),
    Kind(
        "event",
        Text("something that happened or was done", "経過"),
        (_first("what", "what", "内容"), _AT, _EVIDENCE),
        example='"cable pulled" --at 2015-05-08T15:25',
    ),
    EVIDENCE,
    FILED,
    WITHDRAWN,
    CLOSING,
)


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind, by name: also those whose choices are the laws' of the countries."""
    return {one.name: one for one in (*_KINDS, *_of_laws())}


def _of_laws() -> tuple[Kind, ...]:
    profiles = {name: profile.title for name, profile in law.profiles().items()}
    asked = {name: one.says for name, one in law.circumstances().items()}
    return (
        Kind(
            "law",
            Text("whether a law applies, as an officer says", "適用法令（責任者の判断）"),
            (
                _first("profile", "which law", "法令", profiles),
                _first("applies", "whether it does", "適用の有無", ANSWERS),
                _text("why", "why", "理由"),
            ),
            ("profile",),
            "jp_public yes",
        ),
        Kind(
            "circumstance",
            Text("whether something is so that a law asks for", "法令上の要件の該当"),
            (
                _first("name", "what", "要件", asked),
                _first("status", "whether it is so", "該当の有無", ANSWERS),
                _EVIDENCE,
            ),
            ("name",),
            "high_risk yes --evidence 'numbers and birth dates'",
        ),
        Kind(
            PERSONS,
            Text("how many persons, as long as nobody counted, or under one law", "本人の数（集計前、または法令別）"),
            (
                Field("count", Text("how many", "人数"), Type.COUNT, needed=True, first=True),
                _choice("law", "under which law only", "どの法令の対象者か", profiles),
                _SURE,
                _text("source", "who says so", "出所"),
            ),
            ("law",),
            "600 --law us_ca --sure estimated",
        ),
        Kind(
            "item",
            Text("what a report says under one of its headings", "報告書の項目の内容"),
            (
                _first("item", "which heading", "項目", dict(law.items())),
                _first("text", "what it says", "内容"),
                _SURE,
            ),
            ("item",),
            'cause "a mail with a link was opened" --sure known',
        ),
    )
