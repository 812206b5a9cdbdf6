from __future__ import annotations

from pathlib import Path

import pytest

from config.secrets import (
    Credential,
    SecretReference,
    credential_of,
    hash_password,
    plain_reference,
    reference_of,
    verify,
)

HASH = "scrypt:16:1:1:c2FsdHNhbHQ=:lI8xCPArmIiLbEqDmH/jEw=="


def reference(value: object, directory: Path = Path(), **environ: str) -> SecretReference:
    return reference_of(value, environ=environ, directory=directory)


def test_a_plain_secret_verifies_against_itself_alone() -> None:
    kept = reference("secret08")
    assert verify(kept, b"secret08")
    assert verify(kept, "secret08")
    for wrong in (b"", b"secret0", b"secret08 ", b"Secret08", kept.digest, kept.key):
        assert not verify(kept, wrong)


def test_a_plain_secret_is_kept_nowhere() -> None:
    kept = plain_reference("secret08")
    assert "secret08" not in repr(kept)
    assert "secret08" not in f"{kept}"
    assert b"secret08" not in kept.key + kept.digest
    assert kept.octets == 8
    assert not kept.slow


def test_two_references_to_one_secret_differ() -> None:
    assert plain_reference("secret08").digest != plain_reference("secret08").digest


def test_a_hashed_password_verifies_and_is_slow() -> None:
    kept = reference(hash_password("secret08"))
    assert kept.slow
    assert kept.octets == 0
    assert verify(kept, b"secret08")
    assert not verify(kept, b"secret09")


def test_a_hash_is_the_one_of_the_scrypt_specification() -> None:
    # RFC 7914 §12, second vector.
    expected = "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
    kept = SecretReference(b"NaCl", bytes.fromhex(expected), (1024, 8, 16))
    assert verify(kept, b"password")


def test_a_hash_names_its_cost_and_a_salt_of_its_own() -> None:
    first, second = hash_password("secret08"), hash_password("secret08")
    assert first.startswith("scrypt:16384:8:1:")
    assert first != second


def test_an_empty_password_has_no_hash() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        hash_password("")


def test_a_variable_and_a_file_give_the_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret08\n", "utf-8")
    assert verify(reference("env:POLICE", POLICE="secret08"), b"secret08")
    assert verify(reference("file:secret", tmp_path), b"secret08")


def test_a_variable_may_hold_a_hash() -> None:
    assert reference("env:POLICE", POLICE=HASH).slow


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "at least 1"),
        (12345678, "a string"),
        ("env:POLICE", "POLICE is not"),
        ("env:", "no name"),
        ("file:none", "No such file"),
        ("file:empty", "1 to 4096 octets"),
        ("file:large", "1 to 4096 octets"),
        ("file:binary", "UTF-8"),
        ("scrypt:", "scrypt:N:R:P"),
        ("scrypt:16:1:1:c2FsdHNhbHQ=:!", "scrypt:N:R:P"),
        ("scrypt:15:1:1:c2FsdHNhbHQ=:lI8xCPArmIiLbEqDmH/jEw==", "power of 2"),
        ("scrypt:16:0:1:c2FsdHNhbHQ=:lI8xCPArmIiLbEqDmH/jEw==", "R and P 1 to 16"),
        ("scrypt:1048576:16:1:c2FsdHNhbHQ=:lI8xCPArmIiLbEqDmH/jEw==", "at most 2097152"),
        ("scrypt:16:1:1:c2Fs:lI8xCPArmIiLbEqDmH/jEw==", "at least 8 octets"),
        ("scrypt:16:1:1:c2FsdHNhbHQ=:lI8x", "16 to 64"),
    ],
)
def test_a_bad_reference_is_refused_with_what_is_allowed(
    tmp_path: Path, value: object, said: str
) -> None:
    (tmp_path / "empty").write_bytes(b"\n")
    (tmp_path / "large").write_bytes(b"x" * 4097)
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match=said):
        reference(value, tmp_path)


def test_a_reference_stands_for_itself() -> None:
    kept = plain_reference("secret08")
    assert reference(kept) is kept


def test_a_credential_can_be_presented_and_is_not_shown() -> None:
    given = credential_of("env:BROKER", environ={"BROKER": "secret08"}, directory=Path())
    assert given.reveal() == "secret08"
    assert "secret08" not in repr(given)
    assert credential_of(given, environ={}, directory=Path()) is given
    assert credential_of("plain", environ={}, directory=Path()) == Credential("plain")


@pytest.mark.parametrize("value", ["", HASH, 5])
def test_a_credential_is_a_text_and_no_hash(value: object) -> None:
    with pytest.raises(ValueError, match="a string"):
        credential_of(value, environ={}, directory=Path())
