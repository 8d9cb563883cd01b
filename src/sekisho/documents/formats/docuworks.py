"""DocuWorks documents and binders (.xdw, .xbd): named, not read.

Their bytes have no published mark: a binary file of that name which no other format knows is taken for one.
"""

from __future__ import annotations

from dataclasses import replace

from sekisho.documents import charset
from sekisho.documents.named_only import named_only
from sekisho.model import Head
from sekisho.wording import Text

_SUFFIXES = (".xdw", ".xbd", ".xct")


def _recognise(head: Head) -> bool:
    return head.name.lower().endswith(_SUFFIXES) and len(head.data) > 0 and not charset.is_text(head.data[:4096])


FORMAT = replace(named_only("docuworks", Text("DocuWorks document", "DocuWorks文書"), _SUFFIXES, _recognise), order=99)
