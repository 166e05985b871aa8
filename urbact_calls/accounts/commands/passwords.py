"""Passwords: Argon2id, and what makes one good enough. Length and guessability count; no other rules."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from urbact_calls.domain.characters import normal_form
from urbact_calls.domain.refusal import Refusal
from urbact_calls.domain.text import Text, message, texts

SHORTEST, LONGEST = 12, 256
NONE = ""
"""In place of a hash: an account whose owner has not chosen a password yet; no password belongs to it."""
GOOD_ENOUGH_SCORE = 3
# The estimate takes time that grows with the square of the length; what follows can only make it stronger.
_ESTIMATED = 72
# Words an attacker of this site tries first.
_OWN_WORDS = ("urbact", "network", "action planning", "transfer", "city", "europe")

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""19 MiB and 2 passes in one thread (OWASP Password Storage Cheat Sheet): a rush of sign-ins on the day of a
deadline must fit a machine with two cores."""

_HINTS = texts(
    "password.hint",
    {
        "dictionary": "It is, or is close to, a word or a password that many people use.",
        "user_inputs": "It is built from your name, your address or the name of this service.",
        "spatial": "It follows a row of keys.",
        "repeat": "It repeats the same characters.",
        "sequence": "It follows the alphabet or the numbers.",
        "regex": "It is built on a year.",
        "date": "It is built on a date.",
    },
)
_ADVICE = message("password.advice", "Put four or more words together that have nothing to do with each other.")()
SHORT = message(
    "password.short",
    "The password has {count} characters; it needs at least {shortest}, {missing} more.",
    one="The password has {count} character; it needs at least {shortest}, {missing} more.",
)
LONG = message("password.long", "The password has {length} characters; it can have at most {longest}.")
WEAK = message("password.weak", "This password is too easy to guess. {advice:sentences}")


def hashed(password: str) -> str:
    """The Argon2id hash of a password, with its salt and parameters."""
    return _HASHER.hash(_one_spelling(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether a password belongs to a hash. Takes as long where there is none: no account (None), no password yet."""
    try:
        return _HASHER.verify(password_hash or _hash_of_nobody(), _one_spelling(password)) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(password_hash)


def weaknesses(password: str, *, about: Iterable[str] = (), field: str = "password") -> tuple[Refusal, ...]:
    """Why a password cannot be chosen; empty if it can. `about` are words about its owner: name and address."""
    if len(password) < SHORTEST:
        length = len(password)
        return (Refusal(SHORT(count=length, shortest=SHORTEST, missing=SHORTEST - length), field),)
    if len(password) > LONGEST:
        return (Refusal(LONG(length=len(password), longest=LONGEST), field),)
    # Its lists of words take 12 MiB of each process, and few people choose a password.
    from zxcvbn import zxcvbn

    own = [*_OWN_WORDS, *(part for text in about for part in (text, *text.replace("@", " ").split()) if part)]
    estimate = zxcvbn(password[:_ESTIMATED], user_inputs=[word[:_ESTIMATED] for word in own])
    if estimate["score"] >= GOOD_ENOUGH_SCORE:
        return ()
    hints = [hint for part in estimate["sequence"] if (hint := _hint(part))]
    return (Refusal(WEAK(advice=(*hints[:1], _ADVICE)), field),)


def _hint(part: dict[str, object]) -> Text | None:
    kind = "user_inputs" if part.get("dictionary_name") == "user_inputs" else str(part["pattern"])
    return _HINTS.get(kind)


def _one_spelling(password: str) -> str:
    # The same letters typed on two keyboards can arrive composed or decomposed.
    return normal_form(password)


@cache
def _hash_of_nobody() -> str:
    return _HASHER.hash("a password that belongs to nobody")
