"""Office's own encryption (ECMA-376 agile: AES-256, SHA-512, 100,000 rounds) over a whole workbook, text or slide show.

Nothing of the document is looked at: its bytes are sealed as they are, and come out again as they were.
Source: MS-OFFCRYPTO 2.3.4.10 to 2.3.4.15.
"""

from __future__ import annotations

import io
import secrets

from sekisho.protect.reasons import Left, LeftError

KINDS = frozenset({"docx", "pptx", "xlsb", "xlsm", "xlsx"})
"""What Word, Excel and PowerPoint open again with a password."""
_SHORTEST_STREAM = 8 + 4096
"""Bytes of a size and one segment. A stream under 4,096 would have to stand where msoffcrypto writes none."""


def locked(data: bytes, password: str) -> bytes:
    """``data`` under ``password``; raises LeftError where it is no package."""
    from msoffcrypto.method.container.ecma376_encrypted import ECMA376Encrypted
    from msoffcrypto.method.ecma376_agile import ECMA376Agile

    if not data.startswith(b"PK\3\4"):
        raise LeftError(Left.NO_OWN_LOCK)
    how, key = ECMA376Agile.generate_encryption_parameters(password)
    sealed = ECMA376Agile.encrypt_payload(io.BytesIO(data), how.encryptedKey, key, how.keyData.saltValue)
    sealed += secrets.token_bytes(max(0, _SHORTEST_STREAM - len(sealed)))  # the true size stands at its beginning
    out = io.BytesIO()
    ECMA376Encrypted(sealed, ECMA376Agile.get_encryption_information(how, sealed, key)).write_to(out)
    return out.getvalue()


def opens_as(sealed: bytes, data: bytes, password: str) -> bool:
    """Whether ``password`` opens ``sealed``, its seal is whole, and the very bytes of ``data`` come out."""
    import olefile
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError
    from msoffcrypto.format.ooxml import OOXMLFile

    out = io.BytesIO()
    if not olefile.isOleFile(sealed):
        return False
    try:
        file = OOXMLFile(io.BytesIO(sealed))
        file.load_key(password=password, verify_password=True)
        file.decrypt(out, verify_integrity=True)
    except (DecryptionError, FileFormatError, InvalidKeyError):
        return False
    return out.getvalue() == data
