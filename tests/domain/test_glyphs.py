"""What a typeface lacks is printed in words: no character is lost as an empty box."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urbact_calls.domain.glyphs import in_words

LATIN = frozenset(map(ord, " !#%&()+,-./:;<=>?[]0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ½€"))


@given(st.text())
def test_every_character_of_any_text_has_a_glyph(text: str):
    assert {character for character in in_words(text, LATIN) if ord(character) not in LATIN} == set()


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("שלום", "[4 letters that cannot be printed]"),
        ("a 🇫🇷 b", "a [flag FR] b"),
        ("💶 500 ₿", "[banknote with euro sign] 500 [bitcoin sign]"),
        ("① ™", "1 TM"),
        ("é", "e"),
        ("语", "[1 letter that cannot be printed]"),
        ("€ 5 ½", "€ 5 ½"),
    ],
)
def test_what_has_no_glyph_is_told_in_words(typed: str, printed: str):
    assert in_words(typed, LATIN) == printed
