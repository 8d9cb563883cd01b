"""`sekisho register`: the holders, kept in the vault with every state they ever had."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from sekisho.errors import InputError, not_opened
from sekisho.flow.fingerprint import of_code, of_file
from sekisho.flow.registering import holder_envelopes
from sekisho.frames import to_arrow
from sekisho.register import bring_in, lookup, take_back
from sekisho.register.current import protected, under_one_number
from sekisho.register.profile import PLACES, Change, Profile, changes, is_withheld, profile
from sekisho.register.states import ITEMS
from sekisho.register.stays import Lived, lived
from sekisho.register.take_back import Split
from sekisho.register.vaulted import no_register
from sekisho.report import tabular
from sekisho.report.progress import Phases, Progress
from sekisho.vault import Entry, Register, Vault, looks
from sekisho.vault.people import Called
from sekisho.wording import Text

MOST_SHOWN = 20
IMPORTING = Text("Import", "台帳の取り込み")
SEALING = Text("sealing what identifies persons", "本人を特定する項目の暗号化")
LOOKING = Text("was it imported before?", "取り込み済みかの確認")
WRITING = Text("Writing", "書き出し")
ROWS = Text("rows", "行")
EXPORTED = pa.schema([(name, pa.string()) for name in ("holder", *ITEMS)])


@dataclass(frozen=True, slots=True)
class Imported:
    """``made``: the import; ``again``: whether it is an earlier one, as the file is the same."""

    made: Entry
    again: bool


def import_file(vault: Vault, path: Path, *, shown: bool = True) -> Imported:
    """Take the holders of ``path`` into the register; the same file twice changes nothing.

    All of it counts at the end, or nothing does; a killed one goes on where it stopped. Raises InputError, VaultError.
    """
    register = _register(vault)
    with Phases(IMPORTING, shown=shown) as tell:
        tell(LOOKING)
        before = _stamp(path)
        sha256 = of_file(path)
        last = register.imports()[-1:]
        if last and (last[0].sha256, last[0].program) == (sha256, _program()):
            holder_envelopes.keep_in_step(vault)  # a kill may have come between
            return Imported(last[0], again=True)
        made = bring_in.bring_in(register, path, sha256, _program(), tell, lambda: _stamp(path) == before)
        tell(SEALING)
        holder_envelopes.keep_in_step(vault)
        return Imported(made, again=False)


def look(path: Path) -> None:
    """Raises the InputError that an import would, as far as the header shows it."""
    bring_in.look(path)


def undo(vault: Vault, number: int, reason: str) -> Entry:
    """Take an import or a split back, the newest one; raises InputError."""
    made = take_back.undo(_register(vault), number, reason, _program())
    holder_envelopes.keep_in_step(vault)
    return made


def split(vault: Vault, number: str, reason: str) -> Split:
    """Say that an old number is not its holder's but somebody else's; raises InputError."""
    made = take_back.split(_register(vault), number, reason, _program())
    holder_envelopes.keep_in_step(vault)
    return made


@dataclass(frozen=True, slots=True)
class Found:
    """``profiles``: at most `MOST_SHOWN` of the ``holders`` that fit; ``lived``: where each did on the day meant."""

    holders: int
    profiles: list[Profile]
    lived: list[Lived | None]


def show(
    vault: Vault, what: str | Called, *, protected_too: bool = False, at: str | None = None, anywhere: bool = False
) -> Found:
    """The holder whom the number ``what`` leads to, else those of whom its words were written; raises InputError.

    Or those who are `Called` so now. ``at``: a day (ISO 8601) on which it is asked where they lived; ``anywhere``:
    words may be parts of what is written.
    """
    register = _register(vault)
    holders = _holders(vault, what, "register.show", anywhere=anywhere)
    register.looks.see("register.show", map(looks.holder, holders[:MOST_SHOWN]), {"holders": len(holders)})
    lives = lookup.lives(register, holders[:MOST_SHOWN])
    holder_envelopes.touch(vault, lives)
    came = {act.number: act.when[:10] for act in register.acts()}
    where = [lived(life, at, came) if at and (protected_too or not is_withheld(life)) else None for life in lives]
    return Found(len(holders), [profile(life, protected_too=protected_too) for life in lives], where)


def history(vault: Vault, what: str, *, protected_too: bool = False) -> list[Change]:
    """What was changed about the holder of a number, also one that was taken back, or of words; raises InputError."""
    register = _register(vault)
    holder = lookup.by_number(register, what, undone_too=True)
    holders = [holder] if holder is not None else _holders(vault, what, "register.history", anywhere=False)
    register.looks.see("register.history", map(looks.holder, holders[:1]), {"holders": len(holders)})
    if len(holders) > 1:
        raise InputError(
            Text("{n:,} {n|holder fits|holders fit}.", "該当者が{n:,}人います。").fill(n=len(holders)),
            Text("Give a number, or more words.", "番号を指定するか、語を追加してください。"),
        )
    return changes(lookup.lives(register, holders)[0], protected_too=protected_too)


def acts(vault: Vault) -> list[Entry]:
    """Everything that was done, oldest first; raises InputError where nothing was."""
    made = _register(vault).acts()
    if not made:
        raise no_register()
    return made


def export(vault: Vault, to: Path, *, protected_too: bool = False, force: bool = False, shown: bool = True) -> int:
    """Write the last state of every holder to a file, in clear; gives the rows. ``holder``: the current number.

    Raises UsageError, VaultError.
    """
    register = _register(vault)
    tabular.look_at_target(to, force=force)
    register.see_all("register.export", more={"protected": protected_too})
    with Progress(WRITING, ROWS, shown=shown) as progress:
        return tabular.write(to, EXPORTED, _exported(register, protected_too, progress), force=force)


def _exported(register: Register, protected_too: bool, progress: Progress) -> Iterator[pa.Table]:
    hidden = protected(register)
    for rows in under_one_number(register):
        shown = pl.Series(~hidden[rows["root"].to_numpy()] | protected_too)
        withheld = [pl.when(shown).then(pl.col(place)).alias(place) for place in PLACES]
        yield to_arrow(rows.with_columns(*withheld, holder=pl.col("lead")), EXPORTED)
        progress.advance(rows.height)


def _register(vault: Vault) -> Register:
    register = vault.register()
    register.look()
    return register


def _program() -> str:
    return f"{version('sekisho')} {of_code('register', 'countries')}"


def _stamp(path: Path) -> tuple[int, int, int]:
    """Another one where the file was changed."""
    try:
        said = path.stat()
    except OSError as error:
        raise not_opened(path, error) from error
    return said.st_mtime_ns, said.st_size, said.st_ino


def _holders(vault: Vault, what: str | Called, action: str, *, anywhere: bool) -> list[int]:
    """The holders meant; raises InputError where there is none, which is an answer too and logged as one."""
    register = vault.register()
    found = (
        holder_envelopes.by_name(vault, what) if isinstance(what, Called) else _by_words(vault, what, anywhere=anywhere)
    )
    if not found:
        register.looks.see(action, (), {"holders": 0})
        raise _nobody(register, what)
    return found


def _by_words(vault: Vault, what: str, *, anywhere: bool) -> list[int]:
    holder = holder_envelopes.by_number(vault, what)
    if holder is None and lookup.number_in(what) is None:
        return lookup.search(vault.register(), what, anywhere=anywhere)
    return [] if holder is None else [holder]


def _nobody(register: Register, what: str | Called) -> InputError:
    if not register.imports():
        return no_register()
    if isinstance(what, Called):
        return InputError(
            Text("No holder is called so and born on that day.", "その氏名・生年月日の人は台帳にいません。"),
            Text(
                "Former names, 通称 and parts of names are found by words: `sekisho register show WORDS`.",
                "旧姓・通称・氏名の一部は語で検索できます: `sekisho register show 語`。",
            ),
        )
    kind = Text("the number", "番号") if lookup.number_in(what) is not None else Text("all these words", "語")
    return InputError(
        Text("No holder has {kind}.", "該当する{kind}の人は台帳にいません。").fill(kind=kind),
        Text(
            "Give any number they ever had, or words of a name, birth date (1948-04-06) or address.",
            "現在または過去の番号、または氏名・生年月日（1948-04-06）・住所の語を指定してください。",
        ),
    )


def as_json(found: Profile | Lived) -> dict[str, Any]:
    """A holder, or where they lived, JSON-able."""
    return asdict(found)
