"""Protection of forms against forged requests, with a token that looks different in each answer.

Answers are compressed. Where a secret stands in each of them unchanged, their lengths tell it to whoever can have
something beside it written into the page and count bytes on the way (BREACH, CVE-2013-3587). So each answer holds the
token mixed with signs of chance, as Django does it.
"""

from __future__ import annotations

import binascii
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from flask import Flask, g
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf


class MaskedCSRF(CSRFProtect):  # type: ignore[misc]
    """Flask-WTF's protection, whose tokens are masked in pages and unmasked before they are compared."""

    def init_app(self, app: Flask) -> None:
        super().init_app(app)
        # Of two that give the same name the later one counts; the extension gives its own unmasked.
        app.jinja_env.globals["csrf_token"] = masked_token
        app.context_processor(lambda: {"csrf_token": masked_token})

    def _get_csrf_token(self) -> Any:
        token = super()._get_csrf_token()
        return token and unmasked(token)


def masked_token() -> str:
    """The token of this session, masked anew for each answer; a list has a form in each of its rows."""
    token = generate_csrf()
    if g.get("masked_token", ("", ""))[0] != token:
        g.masked_token = (token, masked(token))
    shown: str = g.masked_token[1]
    return shown


def masked(token: str) -> str:
    """Signs of chance, and after them the token mixed with them; twice as long, and without a dot."""
    plain = token.encode()
    mask = secrets.token_bytes(len(plain))
    return urlsafe_b64encode(mask + _mixed(plain, mask)).decode()


def unmasked(token: str) -> str:
    """The token in a masked one. Anything else comes back as it is, and is then refused or accepted as what it is."""
    if "." in token:
        return token
    try:
        both = urlsafe_b64decode(token)
        middle = len(both) // 2
        return _mixed(both[middle:], both[:middle]).decode("ascii")
    except (binascii.Error, ValueError):
        return token


def _mixed(one: bytes, other: bytes) -> bytes:
    if len(one) != len(other):
        raise ValueError("a mask is as long as what it masks")
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))
