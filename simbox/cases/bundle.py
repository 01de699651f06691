"""case.zip: files, the manifest of their hashes, its signature, and the log of custody, in one form only.

The container is stored without compression, sorted by name, with one fixed date and no extras: there is one way to pack
given files, on any machine, so that a byte changed anywhere shows, also between the files.
"""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from simbox.cases.custody import first_entry
from simbox.cases.keys import fingerprint, public_pem
from simbox.errors import DamagedError, InputError
from simbox.tables.writing import replacing

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
SIGNER = "signer.pub"
CUSTODY = "custody.jsonl"
# The manifest can't hold its own hash, nor that of what comes after it.
OUTSIDE = (MANIFEST, SIGNATURE, CUSTODY)
FORMAT = "simbox case 1"
_DATE = (1980, 1, 1, 0, 0, 0)
_OWNER_FILE = 0o100600 << 16
_UNIX = 3


class Bundle(NamedTuple):
    """The files of a bundle by name, and whether its container is packed in the one way there is."""

    files: dict[str, bytes]
    is_canonical: bool

    def manifest(self) -> dict[str, Any]:
        """The manifest; DamagedError where it is missing or broken."""
        try:
            content = json.loads(self.files[MANIFEST])
            if content["format"] == FORMAT and isinstance(content["files"], dict):
                return dict(content)
        except (KeyError, ValueError, TypeError):
            pass
        raise DamagedError(f"{MANIFEST} of the bundle is missing, broken or of another format")


def seal(files: dict[str, bytes], about: dict[str, Any], key: Ed25519PrivateKey) -> dict[str, bytes]:
    """The files with the signer's public key, their manifest, its detached signature and the first line of custody."""
    public = key.public_key()
    files = files | {SIGNER: public_pem(public)}
    listed = {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in files.items()
    }
    manifest = json.dumps({"format": FORMAT, **about, "files": listed}, indent=1, sort_keys=True) + "\n"
    return files | {
        MANIFEST: manifest.encode(),
        SIGNATURE: key.sign(manifest.encode()),
        CUSTODY: first_entry(hashlib.sha256(manifest.encode()).hexdigest(), fingerprint(public)),
    }


def pack(files: dict[str, bytes], path: Path) -> None:
    """Write the bundle, mode 0600, whole or not at all."""
    with replacing(path) as partial:
        partial.write_bytes(_container(files))


def open_bundle(path: Path) -> Bundle:
    """The bundle in a file; InputError where there is none, DamagedError where it can't be taken apart."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} can't be read ({error.strerror})") from error
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            names = container.namelist()
            # Read as they lie there: a wrong checksum is told with the file's hash.
            files = {info.filename: _raw(content, info) for info in container.infolist()}
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, IndexError) as error:
        raise DamagedError(f"{path.name} is not a case bundle, or its container is damaged") from error
    return Bundle(files, len(names) == len(files) and _container(files) == content)


def _raw(content: bytes, info: zipfile.ZipInfo) -> bytes:
    """The stored bytes of a file, found by its local header: 30 bytes, its name and its extras."""
    header = content[info.header_offset : info.header_offset + 30]
    start = info.header_offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    return content[start : start + info.compress_size]


def _container(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as container:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system = _UNIX
            info.external_attr = _OWNER_FILE
            container.writestr(info, files[name])
    return buffer.getvalue()
