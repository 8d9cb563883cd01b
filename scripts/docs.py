"""Fill the generated sections of the documentation from the code: `python scripts/docs.py [--check]`.

A section stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``; SECTIONS says what fills it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sekisho.countries.law import Duty

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_SECTION = re.compile(r"(<!-- generated: ([\w -]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def commands() -> str:
    """Every command with what it does and an example."""
    from sekisho.cli._main import find_commands

    found = find_commands()
    return table(["command", "what it does", "example"], ([f"`{c.name}`", c.help.en, f"`{c.example}`"] for c in found))


def exit_codes() -> str:
    """Every exit code and the error behind it."""
    from sekisho import errors
    from sekisho.cli._main import PIPE_CLOSED, STOPPED

    kinds = [errors.SekishoError, *errors.SekishoError.__subclasses__()]
    said = [(k.exit_code, _kind(k), _first_sentence(k)) for k in kinds[1:]]
    said += [(0, "", "All went well."), (1, "", "A fault of the program, or an error of no other kind.")]
    said += [(STOPPED, "", "Stopped by Ctrl-C."), (PIPE_CLOSED, "", "Who was reading the output went away.")]
    return table(["code", "kind", "meaning"], ([str(code), kind, meaning] for code, kind, meaning in sorted(said)))


def _kind(error: type) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", error.__name__.removesuffix("Error")).lower()


def _first_sentence(kind: type) -> str:
    return (kind.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")


def export_columns(name: str) -> Callable[[], str]:
    """The columns of one export."""

    def made() -> str:
        from sekisho.report import columns

        wanted = columns.AS_WRITTEN if name == "as written" else columns.TABLES[name]
        rows = (
            [f"`{c.name}`", str(c.type).replace("map<string, string>", "map"), c.meaning.en, c.meaning.ja]
            for c in wanted
        )
        return table(["column", "type", "meaning", "意味"], rows)

    return made


def formats() -> str:
    """Every file format, the endings it goes by, and what its reader needs."""
    from sekisho import parts
    from sekisho.model import Format

    found = [f for f in parts.find("sekisho.documents.formats", "FORMAT").values() if isinstance(f, Format)]
    rows = (
        [
            f"`{f.kind}`",
            f.title.en,
            f.title.ja,
            " ".join(f".{s.lstrip('.')}" for s in f.suffixes),
            f.needs if f.reads else "named, not read",
        ]
        for f in sorted(found, key=lambda f: f.kind)
    )
    return table(["kind", "format", "形式", "endings", "needs"], rows)


def roles() -> str:
    """Every action with the roles that may do it, and what it needs."""
    from sekisho.actors import policy

    rules = policy()
    yes = {True: "yes", False: ""}
    rows = (
        [
            f"`{one.name}`",
            one.says.en,
            one.says.ja,
            *("●" if role in one.by else "" for role in rules.roles),
            yes[one.purpose],
            " or ".join(sorted(one.approved_by)) + (", if there is another" if one.alone else ""),
            "" if one.owner else "not the owner",
        ]
        for one in rules.actions.values()
    )
    return table(["action", "what", "操作", *rules.roles, "purpose", "approved by another", "before actors"], rows)


def purposes() -> str:
    """Every purpose."""
    from sekisho.actors import policy

    return table(
        ["purpose", "what for", "目的"], ([f"`{n}`", said.en, said.ja] for n, said in policy().purposes.items())
    )


def laws() -> str:
    """Every duty with its deadline, and what of it is not confirmed."""
    from sekisho.countries import law

    rows = (
        [
            f"`{profile.name}.{duty.name}`",
            duty.says.en,
            _deadline(duty),
            ", ".join(duty.when) or "every breach",
            duty.basis,
            "R" if duty.confirmed else "**B**",
            duty.unconfirmed.en if duty.unconfirmed else "",
        ]
        for profile in law.profiles().values()
        for duty in profile.duties
    )
    return table(["duty", "what", "deadline", "asked for by any of", "rule", "read", "not confirmed"], rows)


def _deadline(duty: Duty) -> str:
    if duty.hours:
        return f"{duty.hours} hours"
    if duty.words:
        return duty.words.en
    days = " to ".join(map(str, duty.days))
    first = "the day of knowing is day 1" if duty.first_day else "the first day is not counted"
    instead = "".join(f"; {longer[-1]} where {name}" for name, longer in duty.instead.items())
    return f"{days} days{instead} ({first})"


def triggers() -> str:
    """Every trigger of every law."""
    from sekisho.countries import law

    asked = law.circumstances()
    rows = (
        [
            profile.title.en,
            f"`{one.name}`",
            f"more than {one.over:,} persons" if one.over is not None else asked[one.name].says.en,
            one.basis,
            "R" if one.confirmed else "**B**",
        ]
        for profile in law.profiles().values()
        for one in profile.triggers
    )
    return table(["law", "trigger", "what", "rule", "read"], rows)


def law_sources() -> str:
    """What was read of each law."""
    from sekisho.countries import law

    return "".join(f"- {one.title.en}: {'; '.join(one.sources)}\n" for one in law.profiles().values())


def fact_kinds() -> str:
    """Every kind of fact of an incident."""
    from sekisho.incidents.kinds import kinds

    rows = (
        [f"`{one.name}`", one.says.en, one.says.ja, f"`sekisho incident add {one.name} 1 {one.example}`".strip()]
        for one in kinds().values()
    )
    return table(["kind", "what", "内容", "example"], rows)


EXPORTS = ("documents", "records", "as written", "persons", "exposures")
SECTIONS: Mapping[str, Callable[[], str]] = {
    "commands": commands,
    "fact kinds": fact_kinds,
    "law sources": law_sources,
    "laws": laws,
    "triggers": triggers,
    "exit codes": exit_codes,
    "formats": formats,
    "roles": roles,
    "purposes": purposes,
    **{
        f"export {name}": export_columns(name)
        for name in ("documents", "records", "as written", "persons", "exposures")
    },
}


def filled(page: str) -> str:
    """A page with its generated sections made anew."""
    return _SECTION.sub(lambda found: f"{found[1]}\n{SECTIONS[found[2]]()}\n{found[3]}", page)


def main() -> int:
    """Write the pages, or say which ones are not up to date."""
    stale = [page for page in PAGES if filled(text := page.read_text("utf-8")) != text]
    for page in stale:
        print(page.relative_to(ROOT))
        if "--check" not in sys.argv:
            page.write_text(filled(page.read_text("utf-8")), "utf-8")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
