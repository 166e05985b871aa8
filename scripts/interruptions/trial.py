"""One run: fills in forms as each role, interrupts them in turn in each way, and reads the answers."""

from __future__ import annotations

import contextlib
import io
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from http.cookies import SimpleCookie
from itertools import cycle
from typing import Any

import tinyhtml5
from flask import Flask
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from sqlalchemy import Engine, event, inspect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.exceptions import TooManyRequests
from werkzeug.test import TestResponse

from scripts.fuzz.forms import Form, FoundField, forms_and_links
from scripts.fuzz.site import Asked
from scripts.fuzz.trial import Writes
from tests.factories.accounts import PASSWORD
from urbact_calls.accounts.models import User
from urbact_calls.database import db
from urbact_calls.domain.entries import tidy

OURS = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
ELSEWHERE = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
# Kinds of fields into which people write.
WRITTEN = ("text", "textarea", "email", "search", "tel", "url")
SEEN = ("version", "seen")
UNREADABLE = "\u0007"
LARGE_FILE = b"%PDF-1.7\n" + b"x" * 6_400_000
A_DAY = 24 * 3600
COMMIT = Session.commit


class Interruption(StrEnum):
    """What happens before a form arrives."""

    SESSION_ENDED = "session ended"
    SIGNED_OUT = "signed out in another tab"
    TOKEN_OLD = "token too old"  # noqa: S105 -- no secret
    STALE = "409"
    TOO_LARGE = "413"
    INVALID = "422"
    TOO_MANY = "429"
    DATABASE_AWAY = "503"


SIGNS_IN = (Interruption.SESSION_ENDED, Interruption.SIGNED_OUT)


class Yesterday(TimestampSigner):
    """Signs as a page did that was opened a day before."""

    def get_timestamp(self) -> int:
        return super().get_timestamp() - A_DAY


@dataclass
class Interrupted:
    """Interrupts the forms of a site; the same seed does the same."""

    asked: Asked
    forms: list[Form]
    seed: int
    wrong: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    roles: Counter[str] = field(default_factory=Counter)
    ways: Counter[Interruption] = field(default_factory=Counter)
    _people: dict[str, User] = field(default_factory=dict)
    _writes: Writes = field(default_factory=Writes)
    _failing: Exception | None = None

    def run(self, count: int) -> None:
        """So many interruptions, of each role about as many; each is followed by a forged request."""
        chance = random.Random(self.seed)  # noqa: S311 -- chooses forms
        by_role: dict[str, list[Form]] = defaultdict(list)
        for form in self.forms:
            if any(each.kind in WRITTEN and each.name for each in form.fields):
                by_role[form.role].append(form)
        turns = cycle(sorted(by_role))
        with self._prepared():
            for number in range(count):
                role = next(turns)
                form = chance.choice(by_role[role])
                possible = _ways(form, is_visitor=role == "anonymous")
                # Each way about as often as another.
                way = min(possible, key=lambda each: (self.ways[each], chance.random()))
                self._interrupt(form, way, number)
                self._forge(form, number)

    def summary(self) -> str:
        """How many of what."""
        ways = ", ".join(f"{count} × {way}" for way, count in sorted(self.ways.items()))
        ends = ", ".join(f"{count} {end}" for end, count in sorted(self.done.items()))
        return f"{self.ways.total()} interruptions of {len(self.roles)} roles\n{ways}\n{ends}"

    # What is sent

    def _interrupt(self, form: Form, way: Interruption, number: int) -> None:
        here = f"{way}: POST {form.action} as {form.role}"
        sent = _filled(form, number)
        if way is Interruption.INVALID:
            # A control character in each text: nothing of it can be stored.
            sent = {name: f"{text}{UNREADABLE}" if name in _written(form) else text for name, text in sent.items()}
        if way is Interruption.STALE:
            sent |= {name: "98765" for name in sent if name.rpartition("-")[2] in SEEN}
        typed = {name: text for name, text in sent.items() if name in _written(form)}
        answer = self._post(form, way, sent)
        if way in SIGNS_IN:
            answer = self._sign_in(answer, form.role) or answer
        self.ways[way] += 1
        self.roles[form.role] += 1
        if answer.status_code < 400 and (self._writes.committed or "/sign-in" not in (answer.location or "/sign-in")):
            self.done["accepted"] += 1
            return
        shown = _shown(answer)
        if lost := [name for name, text in typed.items() if not {text, tidy(text)} & shown]:
            self.wrong.append(f"{here}: {answer.status_code}, lost {', '.join(lost)}")
        if PASSWORD in answer.text:
            self.wrong.append(f"{here}: a password was repeated")
        self.done["given back"] += 1

    def _forge(self, form: Form, number: int) -> None:
        sent = _filled(form, number)
        answer = self._client().post(form.action, data=sent, headers={**ELSEWHERE, "Cookie": self._cookie(form.role)})
        if answer.status_code < 400 or {sent[name] for name in _written(form)} & _shown(answer):
            self.wrong.append(f"forged: POST {form.action} as {form.role}: {answer.status_code}, repeated")
        self.done["forged and refused"] += 1

    def _post(self, form: Form, way: Interruption, sent: dict[str, str]) -> TestResponse:
        cookie = {
            Interruption.SESSION_ENDED: self._cookie(form.role, is_over=True),
            Interruption.SIGNED_OUT: self._cookie("anonymous"),
        }.get(way, self._cookie(form.role))
        token = self._token(form.role, Yesterday if way is Interruption.TOKEN_OLD else TimestampSigner)
        content: dict[str, Any] = {**sent, "csrf_token": token}
        if way is Interruption.TOO_LARGE:
            name = next((each.name for each in form.fields if each.kind == "file"), "file")
            content[name] = (io.BytesIO(LARGE_FILE), "scan.pdf")
        self._failing = {
            Interruption.TOO_MANY: TooManyRequests(),
            Interruption.DATABASE_AWAY: OperationalError("SELECT", {}, Exception("gone")),
        }.get(way)
        self._writes.begin()
        try:
            answer = self._client().post(form.action, data=content, headers={**OURS, "Cookie": cookie})
        finally:
            self._failing = None
        answer.request.environ["wsgi.input"].close()
        return answer

    def _sign_in(self, refused: TestResponse, role: str) -> TestResponse | None:
        """The page after signing in on the answer; None if it does not ask for that."""
        found = [each for each in forms_and_links(refused.text, role, "/")[0] if each.action == "/sign-in"]
        if not found or role == "anonymous":
            return None
        kept = {each.name: each.value for each in found[0].fields if each.name == "replayed"}
        signs_in = {"email": self._people[role].email, "password": PASSWORD}
        content = {**kept, **signs_in, "csrf_token": self._token("anonymous")}
        headers = {**OURS, "Cookie": self._cookie("anonymous")}
        # Who signs in is signed in: this is not taken back.
        taken_back, Session.commit = Session.commit, COMMIT  # type: ignore[method-assign]
        try:
            return self._client().post("/sign-in", data=content, headers=headers)
        finally:
            Session.commit = taken_back  # type: ignore[method-assign]

    # The people

    @property
    def _app(self) -> Flask:
        return self.asked.site.app

    def _client(self) -> Any:
        return self._app.test_client(use_cookies=False)

    def _raw(self, role: str) -> str:
        """What the session of a role keeps of its tokens."""
        return f"{self._people[role].id}.{'7' * 40}" if role != "anonymous" else "7" * 40

    def _cookie(self, role: str, *, is_over: bool = False) -> str:
        """The session of a role; `is_over` gives one that nobody knows any more."""
        name = self._app.config["SESSION_COOKIE_NAME"]
        serializer = self._app.session_interface.get_signing_serializer(self._app)  # type: ignore[attr-defined]
        jar = SimpleCookie(self.asked.site.cookies.get(role, ""))
        kept: dict[str, Any] = serializer.loads(jar[name].value) if name in jar else {}
        kept |= {"csrf_token": self._raw(role)}
        if is_over:
            kept["_user_id"] = "0.0"
        return f"{name}={serializer.dumps(kept)}"

    def _token(self, role: str, signer: type[TimestampSigner] = TimestampSigner) -> str:
        tokens = URLSafeTimedSerializer(str(self._app.secret_key), salt="wtf-csrf-token", signer=signer)
        return str(tokens.dumps(self._raw(role)))

    @contextlib.contextmanager
    def _prepared(self) -> Iterator[None]:
        """Refuses the request in hand as `_failing` says; what is accepted is taken back."""

        def too_many() -> None:
            if isinstance(self._failing, TooManyRequests):
                raise self._failing

        def away(*_: Any) -> None:
            if isinstance(self._failing, OperationalError):
                raise self._failing

        with self._app.app_context():
            for role, user in self.asked.site.world.people.items():
                self._people[role] = db.session.get_one(User, inspect(user).identity)
            db.session.expunge_all()
        before = self._app.before_request_funcs.setdefault(None, [])
        before.append(too_many)
        event.listen(Engine, "before_cursor_execute", away)
        try:
            with self._writes.watched():
                yield
        finally:
            event.remove(Engine, "before_cursor_execute", away)
            before.remove(too_many)


def _ways(form: Form, *, is_visitor: bool) -> list[Interruption]:
    """What can happen to a form: nobody's session ends, and not every form says what it has seen."""
    is_versioned = any(each.name.rpartition("-")[2] in SEEN for each in form.fields)
    return [
        way
        for way in Interruption
        if not (is_visitor and way is Interruption.SESSION_ENDED) and (is_versioned or way is not Interruption.STALE)
    ]


def _written(form: Form) -> set[str]:
    return {each.name for each in form.fields if each.kind in WRITTEN}


def _filled(form: Form, number: int) -> dict[str, str]:
    """A form with something typed into each field; a text is known again by its number."""
    return {each.name: _value(each, number) for each in form.fields if each.is_sent or each.kind in WRITTEN}


def _value(asked: FoundField, number: int) -> str:
    if asked.kind == "textarea":
        return f"Heron {number}: łódź & <b>ships</b>.\n\n“{asked.name}” asks for it."
    if asked.kind == "email":
        return f"heron-{number}@example.org"
    if asked.kind in WRITTEN:
        return f"Heron {number} & {asked.name}"
    return PASSWORD if asked.kind == "password" else asked.value


def _shown(answer: TestResponse) -> set[str]:
    """All that stands in a field of a page, or as the whole text of one of its parts."""
    page = tinyhtml5.parse(answer.text, namespace_html_elements=False)
    texts = [each.text or "" for each in page.iter() if isinstance(each.tag, str)]
    values = [each.get("value", "") for each in page.iter("input")]
    return {text.replace("\r\n", "\n").removeprefix("\n") for text in [*texts, *values]}
