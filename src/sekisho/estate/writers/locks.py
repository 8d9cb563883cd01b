"""Locks on office files and PDFs, each with what it is worth."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sekisho.model import Lock, Protection

if TYPE_CHECKING:
    import pikepdf

EXCEL_DEFAULT = "VelvetSweatshop"

LOCKS: Mapping[str, Lock] = {
    "office": Lock(Protection.STRONG, "AES-256 agile SHA-512"),
    "velvet": Lock(Protection.OPEN_TO_ANYONE, "AES-256 agile SHA-512"),
    "sheet": Lock(Protection.EDIT_ONLY, "sheet protection"),
    "pdf_r6": Lock(Protection.STRONG, "AES-256 R6"),
    "pdf_r4": Lock(Protection.WEAK, "AES-128 R4"),
    "pdf_r3": Lock(Protection.WEAK, "RC4-128 R3"),
    "pdf_owner": Lock(Protection.OPEN_TO_ANYONE, "AES-256 R6"),
    "zip_crypto": Lock(Protection.WEAK, "ZipCrypto"),
    "zip_aes": Lock(Protection.STRONG, "AES-256"),
    "7z_aes": Lock(Protection.STRONG, "AES-256"),
}


def office(data: bytes, password: str) -> bytes:
    """An OOXML file under agile encryption."""
    from msoffcrypto.format.ooxml import OOXMLFile

    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, out)
    return out.getvalue()


def pdf(data: bytes, password: str, how: str) -> bytes:
    """A PDF under revision 6, 4 or 3, or with an owner password only, which keeps nobody out."""
    import pikepdf

    rules: Mapping[str, pikepdf.Encryption] = {
        "pdf_r6": pikepdf.Encryption(owner=password, user=password, R=6),
        "pdf_r4": pikepdf.Encryption(owner=password, user=password, R=4, aes=True),
        "pdf_r3": pikepdf.Encryption(owner=password, user=password, R=3, aes=False, metadata=False),
        "pdf_owner": pikepdf.Encryption(owner=password, user="", R=6),
    }
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as document:
        document.save(out, encryption=rules[how])
    return out.getvalue()
