"""Keys are made once, read by their owner only, and refused when they are anything else."""

import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from simbox.cases import fingerprint, new_key, read_private_key, read_public_key, verify_signature
from simbox.errors import InputError, UsageError


def test_a_new_key_is_its_owners_and_never_written_over(tmp_path):
    path = tmp_path / "case.key"
    public = new_key(path)
    assert public == tmp_path / "case.key.pub"
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    with pytest.raises(UsageError, match="never written over"):
        new_key(path)
    assert path.read_bytes() == before


def test_both_halves_belong_together(tmp_path):
    path = tmp_path / "case.key"
    public = read_public_key(new_key(path).read_bytes(), "case.key.pub")
    private = read_private_key(path)
    assert fingerprint(private.public_key()) == fingerprint(public)
    assert verify_signature(public, private.sign(b"said"), b"said")
    assert not verify_signature(public, private.sign(b"said"), b"sad")
    assert not verify_signature(public, b"", b"said")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o666])
def test_a_key_that_others_may_read_is_refused(tmp_path, mode):
    path = tmp_path / "case.key"
    new_key(path)
    path.chmod(mode)
    with pytest.raises(UsageError, match="0600"):
        read_private_key(path)


def test_what_is_no_key_is_refused(tmp_path):
    path = tmp_path / "case.key"
    path.write_text("nothing")
    path.chmod(0o600)
    with pytest.raises(InputError, match=r"case\.key"):
        read_private_key(path)
    with pytest.raises(InputError, match="no public key"):
        read_public_key(b"nothing", "case.key.pub")
    with pytest.raises(InputError, match="can't be read"):
        read_private_key(tmp_path / "absent")


def test_a_key_of_another_kind_is_refused(tmp_path):
    other = generate_private_key(SECP256R1())
    path = tmp_path / "case.key"
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    with pytest.raises(InputError, match="another kind"):
        read_private_key(path)
    public = other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(InputError, match="another kind"):
        read_public_key(public, "case.key.pub")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_checks_the_signature(tmp_path):
    path = tmp_path / "case.key"
    new_key(path)
    (tmp_path / "said").write_bytes(b"said")
    (tmp_path / "said.sig").write_bytes(read_private_key(path).sign(b"said"))
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "case.key.pub", "-rawin"]
    done = subprocess.run([*command, "-in", "said", "-sigfile", "said.sig"], cwd=tmp_path, check=False)
    assert done.returncode == 0
