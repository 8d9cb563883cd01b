"""Atheris looks for bytes that take new ways through our readers: python -m tests.fuzz.guided NAME CORPUS [options].

NAME is what the file is called, which tells some kinds; the options are libFuzzer's. It ends with a file ``crash-*``,
``timeout-*`` or ``oom-*`` and a code other than 0 where something is raised that no reader should raise, where it takes
too long or too much.
"""

from __future__ import annotations

import os
import sys

os.environ.update(POLARS_MAX_THREADS="1", RAYON_NUM_THREADS="1", OMP_NUM_THREADS="1")

import atheris

with atheris.instrument_imports(include=["sekisho.documents", "sekisho.records"]):
    from tests.fuzz import reading

    from sekisho.documents import kinds

    kinds.formats()

TEXT = (".csv", ".txt", ".json")  # whose bytes are what the record finder looks at


def main() -> None:
    name = sys.argv.pop(1)
    visitor = reading.visit if name.endswith(TEXT) else reading.passed_by

    def one(data: bytes) -> None:
        reading.look(name, data, visitor)

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
