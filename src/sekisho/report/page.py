"""The report as one HTML page that stands alone: no script, nothing loaded, everything escaped."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sekisho.figures import Breakdown, Check, Public
from sekisho.report import view
from sekisho.report.view import About
from sekisho.report.words import SHIELDS, definitions, how, words
from sekisho.wording import language, printable


def render(made: Breakdown, check: Check | None, about: About, *, with_paths: bool = False) -> str:
    """The internal report in the language of the run; names of files are masked unless ``with_paths``."""
    return written("page.html.j2", view.page(made, check, about, with_paths=with_paths))


def render_public(made: Public, about: About) -> str:
    """The report for publication, in the language of the run."""
    return written("public.html.j2", view.public_page(made, about))


def written(template: str, values: dict[str, Any]) -> str:
    """A template of this package, filled in the language of the run."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("sekisho.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"n": view.number, "p": view.percent, "size": view.size, "day": _day, "clean": printable}
    return environment.get_template(template).render(
        **values,
        lang=language(),
        comma="、" if language() == "ja" else ", ",
        say=SimpleNamespace(**{name: str(text) for name, text in words().items()}),
        words=SimpleNamespace(**words()),
        shields=SimpleNamespace(**{name: str(text) for name, text in SHIELDS.items()}),
        definitions=definitions(),
        how=how(),
    )


def _day(moment: str) -> str:
    """ISO 8601 as a date and minutes in the zone of the machine."""
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
