"""Ed25519 keys that sign case bundles: made, kept readable by their owner only, and checked with."""

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from simbox.errors import InputError, UsageError
from simbox.tables.writing import replacing

OWNER_ONLY = 0o077


def new_key(path: Path) -> Path:
    """Make a private key at a path that is free, mode 0600, and its public half beside it with the suffix `.pub`."""
    public_path = path.with_name(path.name + ".pub")
    taken = [one.name for one in (path, public_path) if one.exists()]
    if taken:
        raise UsageError(f"{' and '.join(taken)} exist already: a key is never written over")
    key = Ed25519PrivateKey.generate()
    with replacing(path) as partial:
        partial.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with replacing(public_path) as partial:
        partial.write_bytes(public_pem(key.public_key()))
    return public_path


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """The private key in a PEM file that nobody but its owner may read."""
    content = _read(path)
    if path.stat().st_mode & OWNER_ONLY:
        raise UsageError(f"others may read the key {path.name}: its mode must be 0600")
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError(f"{path.name} holds no private key without a password") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{path.name} holds a key of another kind than Ed25519")
    return key


def read_public_key(content: bytes, name: str) -> Ed25519PublicKey:
    """The public key in a PEM text; InputError names the file that it came from."""
    try:
        key = load_pem_public_key(content)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError(f"{name} holds no public key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(f"{name} holds a key of another kind than Ed25519")
    return key


def public_pem(key: Ed25519PublicKey) -> bytes:
    """The public key as PEM, as OpenSSL reads it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def fingerprint(key: Ed25519PublicKey) -> str:
    """SHA-256 of the key's 32 bytes: what two people compare over the telephone."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def verify_signature(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether the key's owner signed the message."""
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{os.fspath(path)} can't be read ({error.strerror})") from error
