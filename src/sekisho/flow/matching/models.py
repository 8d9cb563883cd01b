"""The model of a matching: one that was kept before, or learned now and kept in case the call is broken off."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from sekisho.errors import InputError
from sekisho.flow.parts import Parts
from sekisho.persons.linkage.link import Linker
from sekisho.persons.linkage.model import Model
from sekisho.report.progress import Phases
from sekisho.vault.files import write_atomically
from sekisho.wording import Text

LEARNING = Text("Learning", "学習")
MODEL = Text("how often true pairs agree in what", "本人同士が各項目で一致する割合")


def text_of(path: Path | None) -> str:
    """What the file of a model says, nothing without one; raises InputError where it cannot be read."""
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            Text("{file} cannot be read.", "{file} を読み取れません。").fill(file=path),
            Text(
                "Give a model that an earlier call kept with --keep-model.",
                "--keep-model で保存したモデルを指定してください。",
            ),
        ) from error


def model_of(path: Path) -> Model:
    """The model that an earlier call kept; raises InputError where it is none."""
    return Model.from_json(text_of(path))


def learned(linker: Linker, records: pl.DataFrame, certain: pl.DataFrame | None, parts: Parts, *, shown: bool) -> Model:
    """What `Linker.train` learns from the records, or learned before the call was broken off."""
    if kept := parts.model():
        return Model.from_json(kept)
    with Phases(LEARNING, shown=shown) as tell:
        tell(MODEL)
        model = linker.train(records, certain)
    parts.keep_model(model.to_json())
    return model


def keep(path: Path | None, model: Model) -> None:
    """Write the model to ``path``, if there is one."""
    if path:
        kept = model.to_json().encode()
        write_atomically(path, lambda file: file.write(kept))
