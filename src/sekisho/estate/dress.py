"""What is put around a file: locks, archives, mails; and where its password lies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sekisho.estate.content import Book, Letter, Sheet
from sekisho.estate.dice import Dice
from sekisho.estate.made import Document, Made, contained
from sekisho.estate.writers import archives, locks, mails, pages, sheets, slides, texts
from sekisho.estate.writers.locks import EXCEL_DEFAULT, LOCKS
from sekisho.model import Outcome, Protection, Reason

SHUT = frozenset(name for name, lock in LOCKS.items() if lock.protection >= Protection.UNDETERMINED)
NOTE = "はじめに.txt"


@dataclass(frozen=True, slots=True)
class Setting:
    """What the steps draw from: chance, the file's name without ending, and the one password of the file."""

    dice: Dice
    stem: str
    password: str


def password(dice: Dice, index: int) -> str:
    """A password as offices choose them; ``index`` makes it the file's own."""
    word = dice.pick(("Nenkin", "tougou", "Kiroku", "shinsa", "Naha", "Takaido"))
    return f"{word}{dice.pick(('2015', '27', '@15', '-H27'))}{index}{dice.pick(('', '%', '#', 'x'))}"


def dressed(made: Made, steps: tuple[str, ...], setting: Setting) -> Made:
    """``made`` after all ``steps``, from the inside out."""
    for step in steps:
        made = STEPS[step](made, setting)
    return made


def _office(made: Made, setting: Setting) -> Made:
    return made.locked(locks.office(made.data, setting.password), LOCKS["office"], setting.password)


def _velvet(made: Made, setting: Setting) -> Made:
    return made.locked(locks.office(made.data, EXCEL_DEFAULT), LOCKS["velvet"], "")


def _sheet(made: Made, setting: Setting) -> Made:
    """The sheets were protected as they were written."""
    return made.locked(made.data, LOCKS["sheet"], "")


def _pdf(how: str) -> Callable[[Made, Setting], Made]:
    def step(made: Made, setting: Setting) -> Made:
        word = setting.password if how in SHUT else ""
        return made.locked(locks.pdf(made.data, setting.password, how), LOCKS[how], word)

    return step


def _archive(kind: str, pack: Callable[[archives.Members], bytes], suffix: str = "") -> Callable[[Made, Setting], Made]:
    def step(made: Made, setting: Setting) -> Made:
        name = setting.stem + (suffix or f".{kind}")
        while name == made.name:
            name = f"保存_{name}"
        return contained(name, pack([(made.name, made.data)]), Document("", kind, "archive"), [made])

    return step


def _locked_archive(
    kind: str, how: str, pack: Callable[[archives.Members, str], bytes]
) -> Callable[[Made, Setting], Made]:
    def step(made: Made, setting: Setting) -> Made:
        data = pack([(made.name, made.data)], setting.password)
        whole = contained(f"{setting.stem}.{kind}", data, Document("", kind, "archive"), [made])
        return whole.locked(data, LOCKS[how], setting.password)

    return step


def _note() -> Made:
    return Made(
        NOTE,
        texts.encoded("このフォルダーの使い方\r\n1. 一覧を開く\r\n2. 確認する\r\n", "cp932"),
        (Document("", "text", "note"),),
    )


def _one_locked(made: Made, setting: Setting) -> Made:
    """Only a note is locked; the list beside it in the same archive is open, so the archive keeps nobody out."""
    note = _note()
    data = archives.zipcrypto([(note.name, note.data)], setting.password, [(made.name, made.data)])
    locked = note.locked(note.data, LOCKS["zip_crypto"], setting.password)
    return contained(f"{setting.stem}.zip", data, Document("", "zip", "archive"), [locked, made])


def _one_open(made: Made, setting: Setting) -> Made:
    """The list is locked; only a note beside it, which says nothing of anybody, is open."""
    note, lock = _note(), LOCKS["zip_crypto"]
    data = archives.zipcrypto([(made.name, made.data)], setting.password, [(note.name, note.data)])
    locked = made.locked(made.data, lock, setting.password)
    own = Document("", "zip", "archive", lock=lock, password=setting.password)
    return contained(f"{setting.stem}.zip", data, own, [locked, note])


def _gz(made: Made, setting: Setting) -> Made:
    inner = Document("", "gz", "archive")
    return contained(f"{made.name}.gz", archives.gz(made.data), inner, [made])


def _mail(body: tuple[str, ...], charset: str = "utf-8") -> Callable[[Made, Setting], Made]:
    def step(made: Made, setting: Setting) -> Made:
        lines = tuple(line.format(word=setting.password) for line in body)
        letter = Letter(lines, f"{setting.stem}の送付")
        data = mails.eml(letter, [(made.name, made.data)], charset, setting.dice.between(1, 9_999))
        whole = contained(f"{setting.stem}.eml", data, Document("", "eml", "mail_with_attachment"), [made])
        return beside(whole) if any("{word}" in line for line in body) else whole

    return step


def _embedded(made: Made, setting: Setting) -> Made:
    """Slides in which the workbook is embedded; there it goes by the name of its part."""
    data = slides.embedding(setting.stem, made.data)
    inner = replace(made, name="Microsoft_Excel_Sheet1.xlsx")
    return contained(f"{setting.stem}.pptx", data, Document("", "pptx", "slides_around_a_workbook"), [inner])


def _attached(made: Made, setting: Setting) -> Made:
    """A covering letter in PDF with the file attached to it."""
    letter = Letter(("送付状", "", *_SENT), f"{setting.stem}の送付")
    data = pages.attaching(letter, made.name, made.data)
    return contained(f"{setting.stem}.pdf", data, Document("", "pdf", "covering_letter"), [made])


def _mbox(made: Made, setting: Setting) -> Made:
    """A mailbox of three mails, the second with the file attached."""
    said = [Letter((f"{n}件目の連絡です。", "本日の会議は15時からです。"), f"連絡{n}") for n in (1, 2, 3)]
    parts = [mails.eml(m, [(made.name, made.data)] if i == 1 else [], serial=i) for i, m in enumerate(said)]
    members = [
        contained(f"message {i + 1}.eml", data, Document("", "eml", "mail"), [made] if i == 1 else [])
        for i, data in enumerate(parts)
    ]
    return contained(f"{setting.stem}.mbox", mails.mbox(parts), Document("", "mbox", "mailbox"), members)


_SENT = ("各位", "", "標記の件、添付のとおり送付します。", "ご確認をお願いします。")

STEPS: Mapping[str, Callable[[Made, Setting], Made]] = {
    "office": _office,
    "velvet": _velvet,
    "sheet": _sheet,
    **{how: _pdf(how) for how in ("pdf_r6", "pdf_r4", "pdf_r3", "pdf_owner")},
    "zip": _archive("zip", archives.plain_zip),
    "zip_sjis": _archive("zip", archives.sjis_zip),
    "7z": _archive("7z", archives.seven_zip),
    "tar": _archive("tar", archives.tar),
    "tar_gz": _archive("tar", archives.tar_gz, ".tar.gz"),
    "tar_bz2": _archive("tar", archives.tar_bz2, ".tar.bz2"),
    "tar_xz": _archive("tar", archives.tar_xz, ".tar.xz"),
    "iso": _archive("iso", archives.iso),
    "lzh": _archive("lzh", archives.lzh),
    "gz": _gz,
    "zip_crypto": _locked_archive("zip", "zip_crypto", archives.zipcrypto),
    "zip_aes": _locked_archive("zip", "zip_aes", archives.aes_zip),
    "7z_aes": _locked_archive("7z", "7z_aes", archives.seven_zip),
    "zip_one_locked": _one_locked,
    "zip_one_open": _one_open,
    "mail": _mail(_SENT),
    "mail_jis": _mail(_SENT, "iso-2022-jp"),
    "mail_with_password": _mail((*_SENT, "添付ファイルのパスワードは {word} です。")),
    "mbox": _mbox,
    "slides": _embedded,
    "pdf_attachment": _attached,
}


def beside(made: Made) -> Made:
    """The password lies where the file lies."""
    return replace(made, documents=tuple(replace(d, password_beside=bool(d.password)) for d in made.documents))


UNKNOWN = "unknown"
"""Where the password lies of a file that nobody can open."""


def forgotten(made: Made) -> Made:
    """Nobody knows the password: what is behind the lock stays there, and its records are in nobody's count."""
    shut = tuple(
        replace(d, outcome=Outcome.LOCKED, reason=Reason.PASSWORD_UNKNOWN, says=d.says.clear()) if d.password else d
        for d in made.documents
    )
    return replace(made, documents=shut)


def memo(made: Made, how: str, setting: Setting) -> list[Made]:
    """``made`` and what tells its password: a note, a list of files, a second mail, its own name; or nothing."""
    if how == UNKNOWN:
        return [forgotten(made)]
    if how == "name":
        stem, _, ending = made.name.rpartition(".")
        return [beside(replace(made, name=f"{stem}（PW：{setting.password}）.{ending}"))]
    return [beside(made), _MEMOS[how](made, setting)] if how else [made]


def _by_note(made: Made, setting: Setting) -> Made:
    lines = f"■{made.name}\r\nパスワード：{setting.password}\r\n\r\n※共有フォルダーから動かさないこと\r\n"
    return Made(
        f"{setting.stem}_パスワード.txt", texts.encoded(lines, "cp932"), (Document("", "text", "password_memo"),)
    )


def _by_list(made: Made, setting: Setting) -> Made:
    rows = [
        ("ファイル名", "作成部署", "パスワード"),
        (made.name, "記録審査グループ", setting.password),
        ("様式集.xlsx", "管理グループ", None),
    ]
    data = sheets.xlsx(Book((Sheet("管理簿", rows),), "ファイル管理簿"))
    return Made(f"ファイル管理簿_{setting.stem}.xlsx", data, (Document("", "xlsx", "password_memo"),))


def _by_second_mail(made: Made, setting: Setting) -> Made:
    letter = Letter(
        ("先ほどお送りしたファイルのパスワードをお知らせします。", "", f"パスワード: {setting.password}"),
        "Re: パスワードについて",
    )
    data = mails.eml(letter, (), "iso-2022-jp", setting.dice.between(1, 9_999))
    return Made(f"Re_{setting.stem}.eml", data, (Document("", "eml", "password_memo"),))


_MEMOS = {"note": _by_note, "list": _by_list, "second_mail": _by_second_mail}
