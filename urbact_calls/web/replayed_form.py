"""Replayed form: what a person had typed into a form that could not be kept, given back, ready to be sent again.

It goes to whoever typed it and to nobody else. The token of a form says whose page it stood on, and a request that
another site has sent is never repeated. Passwords and files are not given back.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, g, request, session
from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer
from markupsafe import escape
from werkzeug.exceptions import RequestEntityTooLarge

from urbact_calls.domain.entries import tidy
from urbact_calls.web.access import safe_path
from urbact_calls.web.csrf import unmasked

# The fields that ask for a password; a test compares the forms with it.
SECRETS = ("password", "current")
# Made anew for the page.
TOKEN = "csrf_token"  # noqa: S105 -- the name of a field
# Where a page that asks to sign in keeps what was typed until then.
KEPT = "replayed"
# Fields that a page fills in for itself: what its reader has seen, and which button was pressed.
_OF_THE_PAGE = re.compile(r"(version|seen|stay|next|row|lock|add_up)|(seen|keep)-.*|.*-(version|seen)")


@dataclass(frozen=True, slots=True)
class ReplayedField:
    """One value of a form. `is_text` tells what a person wrote in words from choices, numbers and marks."""

    name: str
    value: str

    @property
    def is_text(self) -> bool:
        return any(letter.isspace() for letter in self.value.strip())

    @property
    def is_shown(self) -> bool:
        """Whether it says something to its reader beside the texts."""
        return bool(self.value) and not self.is_text and not _OF_THE_PAGE.fullmatch(self.name)

    @property
    def label(self) -> str:
        return re.sub(r"[\W_]+", " ", self.name).strip().capitalize()

    @property
    def rows(self) -> int:
        """Lines that show most of the text, 2 to 12."""
        return min(max(2, len(self.value) // 80 + self.value.count("\n") + 1), 12)


@dataclass(frozen=True, slots=True)
class ReplayedForm:
    """A form to send again to the address it was meant for.

    `typist` is the account on whose page it stood, empty for a visitor's; `for_visitors` says that one needs none to
    send it. `page` is the address of that page, empty if it is not known. `secrets` are the names of its passwords,
    which are to be typed again; `had_files` says that files came along, which are to be chosen again.
    """

    address: str
    typist: str
    for_visitors: bool
    fields: tuple[ReplayedField, ...]
    page: str = ""
    secrets: tuple[str, ...] = ()
    had_files: bool = False

    @property
    def holds_something(self) -> bool:
        """Whether there is anything to give back; a button alone is pressed again on its page."""
        return bool(self.secrets) or self.had_files or any(each.is_text or each.is_shown for each in self.fields)

    @property
    def sealed(self) -> str:
        """The form as one field of another form; nobody can change it or make one up."""
        return _seal().dumps(asdict(self))


class Way(StrEnum):
    """How a person goes on with a form that was given back."""

    SEND_AGAIN = "send again"
    SIGN_IN = "sign in"
    NOT_YOURS = "not yours"


@dataclass(frozen=True, slots=True)
class WayBack:
    """What an answer gives back, and how to go on. Without a form if somebody else had typed it, or nothing."""

    way: Way
    form: ReplayedForm | None = None

    @property
    def asks_to_sign_in(self) -> bool:
        return self.way is Way.SIGN_IN


def way_back(*, is_signed_in: bool) -> WayBack | None:
    """What the answer to this request gives back; None if it was no form of ours, or one with nothing in it.

    `is_signed_in` is true also where nobody can say: then nobody is asked to sign in.
    """
    if request.method != "POST" or request.url_rule is None or not is_from_our_pages():
        return None
    form = _form_of_request()
    if form is None:
        return None
    if is_signed_in and form.typist and _account_of(session.get(TOKEN)) not in ("", form.typist):
        return WayBack(Way.NOT_YOURS)
    if not is_signed_in and (form.typist or not form.for_visitors):
        return WayBack(Way.SIGN_IN, form if form.holds_something else None)
    return WayBack(Way.SEND_AGAIN, form) if form.holds_something else None


def left_out(shown: str) -> ReplayedForm | None:
    """What was typed into the form of this request and stands nowhere on the page that answers it; None if nothing.

    A page shows its form only while that can be sent: what was typed must not go with it.
    """
    if request.method != "POST" or request.url_rule is None or not is_from_our_pages():
        return None
    form = _form_of_request()
    if form is None or form.typist != _account_of(session.get(TOKEN)):
        return None
    missing = tuple(each for each in form.fields if (each.is_text or each.is_shown) and not _stands_in(each, shown))
    return replace(form, fields=missing) if missing else None


def _stands_in(field: ReplayedField, shown: str) -> bool:
    """Whether the whole of a value is that of a field of the page, or all that an element says."""
    for value in {field.value.replace("\r\n", "\n"), tidy(field.value), tidy(field.value, is_line=True)}:
        text = str(escape(value))
        if any(whole in shown for whole in (f'"{text}"', f">{text}<", f">\n{text}<", f">\r\n{text}<")):
            return True
    return False


def form_kept() -> ReplayedForm | None:
    """The form that this request brings along inside another one, as the form to sign in does."""
    kept = request.form.get(KEPT) if request.method == "POST" and is_from_our_pages() else None
    return _unsealed(kept) if kept else None


def is_from_our_pages() -> bool:
    """Whether a page of this site has sent the request, as its browser says; one that says nothing is believed."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    # “none”: the person has asked for it, not a page, as when a window is opened again.
    if site is not None and site not in ("same-origin", "none"):
        return False
    # The host alone: what stands before the site may have taken the encryption off.
    return origin is None or urlsplit(origin).netloc.lower() == request.host.lower()


def mark_token(account: str) -> None:
    """Begins the tokens of a session, so that each form says on whose page it stands."""
    g.pop(TOKEN, None)
    session[TOKEN] = f"{account}.{secrets.token_hex(20)}"


def forget_token() -> None:
    """Ends the tokens of a session that is over."""
    g.pop(TOKEN, None)
    session.pop(TOKEN, None)


def _form_of_request() -> ReplayedForm | None:
    """The form of this request, or the one that it brings along."""
    try:
        form, files = request.form, request.files
    except RequestEntityTooLarge:
        # It was not read to its end.
        return None
    if KEPT in form:
        return _unsealed(form[KEPT])
    left_out = {TOKEN, *SECRETS}
    return ReplayedForm(
        # An address that is no page of this site is not repeated: the form would lead elsewhere.
        address=request.full_path.removesuffix("?"),
        for_visitors=_is_public(),
        typist=_typist(form.get(TOKEN) or request.headers.get("X-CSRFToken", "")),
        fields=tuple(ReplayedField(*each) for each in form.items(multi=True) if each[0] not in left_out),
        secrets=tuple(name for name in SECRETS if name in form),
        page=page_before(),
        had_files=any(file.filename for file in files.values()),
    )


def page_before() -> str:
    """The page of this site on which the request was made; empty if the browser does not say."""
    before = safe_path((request.referrer or "").removeprefix(request.host_url.rstrip("/")), "")
    # A page that answered a form can stand at an address that nobody can open.
    is_page = current_app.url_map.bind(request.host).test(before.partition("?")[0], "GET")
    return before if before and is_page else ""


def _is_public() -> bool:
    access = getattr(current_app.view_functions[request.endpoint or ""], "access", None)
    return access is None or access.is_public


def _account_of(token: Any) -> str:
    """The account for which the tokens of a session have begun; empty for a visitor."""
    return str(token).partition(".")[0] if "." in str(token) else ""


def _typist(token: str) -> str:
    """The account on whose page a form stood, however old its token is; empty for a visitor's or an unknown one."""
    # As `flask_wtf.csrf` signs it.
    try:
        signed = URLSafeTimedSerializer(str(current_app.secret_key), salt="wtf-csrf-token")
        return _account_of(signed.loads(unmasked(token)))
    except BadData:
        return ""


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="replayed form")


def _unsealed(text: str) -> ReplayedForm | None:
    try:
        values = _seal().loads(text)
    except BadData:
        return None
    fields = tuple(ReplayedField(**each) for each in values.pop("fields"))
    return ReplayedForm(fields=fields, secrets=tuple(values.pop("secrets")), **values)
