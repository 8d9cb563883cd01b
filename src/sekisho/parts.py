"""Finds the parts of one kind (formats, identifiers, countries, rules, sinks) by the folder they lie in.

A part is one module of a package, or an entry point of the group ``sekisho.<package>``, that
defines one constant of an agreed name. Nothing else has to be edited to add one.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from importlib.metadata import entry_points


def find(package: str, constant: str) -> dict[str, object]:
    """The ``constant`` of every module in ``package`` (dotted name), by module name, in a fixed order.

    Modules that begin with an underscore are helpers of the parts, not parts.
    Raises AttributeError when a part lacks its constant: such a part would never be reached.
    """
    room = import_module(package)
    names = sorted(m.name for m in pkgutil.iter_modules(room.__path__) if not m.name.startswith("_"))
    found = {name: getattr(import_module(f"{package}.{name}"), constant) for name in names}
    for entry in entry_points(group=package):
        found[entry.name] = entry.load()
    return found
