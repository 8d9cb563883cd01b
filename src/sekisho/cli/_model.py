"""The model that a call uses again, or keeps."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from sekisho.wording import Text


def add_model(parser: ArgumentParser) -> None:
    """The options ``--model`` and ``--keep-model``."""
    model = Text("a model kept before; without it one is learned", "保存済みのモデル（省略時は学習する）")
    keep = Text("where to keep the model", "モデルの保存先")
    parser.add_argument("--model", type=Path, metavar="FILE", help=str(model))
    parser.add_argument("--keep-model", type=Path, metavar="FILE", help=str(keep))
