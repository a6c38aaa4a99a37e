"""The permutations behind the pseudonyms: held to the published samples of FF1, and permutations of any range."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.redact.files import redact_file
from ccxdissect.redact.permutations import Permutations, feistel
from ccxdissect.redact.pseudonyms import Pseudonyms

SAMPLE = Path(__file__).parents[2] / "samples" / "queued-call.pcapng"
KEY = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94")
TWEAKS = (b"", bytes.fromhex("39383736353433323130"), bytes.fromhex("3737373770717273373737"))
#: NIST's samples for FF1: bytes of the key, tweak, radix, plain, encrypted.
SAMPLES = [
    (16, 0, 10, "0123456789", "2433477484"),
    (16, 1, 10, "0123456789", "6124200773"),
    (16, 2, 36, "0123456789abcdefghi", "a9tv40mll9kdu509eum"),
    (24, 0, 10, "0123456789", "2830668132"),
    (24, 1, 10, "0123456789", "2496655549"),
    (24, 2, 36, "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"),
    (32, 0, 10, "0123456789", "6657667009"),
    (32, 1, 10, "0123456789", "1001623463"),
    (32, 2, 36, "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"),
]


class CbcMac:
    """AES-CBC-MAC, given its bytes piece by piece."""

    def __init__(self, key: bytes, data: bytes = b"") -> None:
        self._key, self._data = key, data

    def copy(self) -> CbcMac:
        return CbcMac(self._key, self._data)

    def update(self, data: bytes, /) -> None:
        self._data += data

    def digest(self) -> bytes:
        return Cipher(algorithms.AES(self._key), modes.CBC(bytes(16))).encryptor().update(self._data)[-16:]


@pytest.mark.parametrize(("size", "tweak", "radix", "plain", "encrypted"), SAMPLES)
def test_with_aes_it_is_ff1_as_published(size: int, tweak: int, radix: int, plain: str, encrypted: str) -> None:
    assert feistel(CbcMac(KEY[:size]), radix, len(plain), TWEAKS[tweak])(int(plain, radix)) == int(encrypted, radix)


@pytest.mark.parametrize("size", [2, 10, 1000, 1024, 1025, 1500, 2048, 5000])
def test_every_place_of_a_range_goes_to_another(size: int) -> None:
    permutations = Permutations(b"k" * 32)
    assert sorted(permutations.at(size, place, b"t") for place in range(size)) == list(range(size))


@given(st.integers(1025, 2**200), st.data())
def test_a_huge_range_is_kept_and_depends_on_key_and_tweak(size: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, size - 1))
    went = Permutations(b"a" * 32).at(size, place, b"t")
    assert 0 <= went < size
    assert went == Permutations(b"a" * 32).at(size, place, b"t")


def test_other_keys_and_tweaks_are_other_permutations() -> None:
    places = range(0, 10**6, 10**4)
    one = [Permutations(b"a" * 32).at(10**6, place, b"t") for place in places]
    assert one != [Permutations(b"b" * 32).at(10**6, place, b"t") for place in places]
    assert one != [Permutations(b"a" * 32).at(10**6, place, b"u") for place in places]


def test_a_value_maps_alike_within_a_key_and_not_between_keys() -> None:
    one, other = Pseudonyms(b"a" * 32), Pseudonyms(b"b" * 32)
    assert one.text(b"agent2005 and agent2005") == one.text(b"agent2005") + b" " + one.word(
        "and"
    ).encode() + b" " + one.text(b"agent2005")
    assert one.text(b"agent2005") != other.text(b"agent2005")


def test_every_run_has_a_key_of_its_own_unless_one_is_given(tmp_path: Path) -> None:
    def copy(name: str, key: bytes | None) -> bytes:
        out = tmp_path / name
        redact_file(UCCX_CTI, str(SAMPLE), str(out), frozenset(UCCX_CTI.ports), key)
        return out.read_bytes()

    assert copy("one", None) != copy("other", None)
    assert copy("third", b"k" * 32) == copy("fourth", b"k" * 32)
