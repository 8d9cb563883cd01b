"""A print shop: each parcel is one bundle in a folder that they fetch, sealed for the holder of their certificate.

``NAME/NAME.zip.p7m`` holds the files and their checksums; ``NAME/index.json``, in clear, says which bundle it is, for
whom it is sealed and its own checksum, and nothing of what is in it. They open it with
``openssl cms -decrypt -binary -inform DER -in NAME.zip.p7m -inkey KEY -out NAME.zip``.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

from sekisho.sinks import Form, Kind, Parcel, Receipt, Setting
from sekisho.sinks._envelope import fingerprint, read_certificate, sealed_for
from sekisho.sinks._laying_down import SUMS, lay_down, sums
from sekisho.wording import Text


class PrintShop:
    """One print shop."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        """Raises UsageError for a certificate that is none."""
        self._path = Path(settings["path"])
        self._certificate = read_certificate(settings["certificate"])

    def send(self, parcel: Parcel) -> Receipt:
        """Raises RetryableError, FinalError."""
        laid = lay_down(self._path, parcel.key, parcel.name, lambda: self._bundle(parcel))
        return Receipt("laid down" if laid else "was laid down before")

    def _bundle(self, parcel: Parcel) -> dict[str, bytes]:
        name = f"{parcel.name}.zip.p7m"
        sealed = sealed_for(self._certificate, _zipped({**parcel.content, SUMS: sums(parcel.content)}))
        index = {
            "parcel": parcel.name,
            "key": parcel.key,
            "kind": parcel.kind,
            "made": parcel.at,
            "files": len(parcel.content),
            "bundle": name,
            "sha256": hashlib.sha256(sealed).hexdigest(),
            "sealed_for": fingerprint(self._certificate),
        }
        return {name: sealed, "index.json": f"{json.dumps(index, indent=2)}\n".encode()}


def _zipped(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(files):
            file.writestr(name, files[name])
    return made.getvalue()


SINK = Kind(
    Text("a print shop: sealed bundles in a folder that they fetch", "印刷会社（暗号化した束を置くフォルダー）"),
    (
        Setting("path", Text("the folder, which must be there", "フォルダー（既存のもの）")),
        Setting("certificate", Text("their certificate (PEM, RSA)", "印刷会社の証明書（PEM・RSA）"), form=Form.FILE),
    ),
    PrintShop,
    seals=True,
)
