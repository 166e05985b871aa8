"""One fuzzing run: sends what the strategies give to forms, bare addresses and the API, and judges the answers."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args
from urllib.parse import quote

import hypothesis
import schemathesis
from flask import got_request_exception
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from schemathesis.core.result import Ok
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from scripts.fuzz.figures import LONGEST_SECONDS, Answered, End, Figures, too_slow
from scripts.fuzz.forms import Form
from scripts.fuzz.site import Asked
from scripts.fuzz.strategies import ANYTHING, ASKED_FOR_NOTES, NOTES, Content, asked_as_program, filled, fresh
from scripts.trials import say
from tests.architecture.access_matrix import MATRIX
from tests.architecture.hands import WRITER
from tests.architecture.sweep_world import Variant
from tests.architecture.swept_site import KEPT_ON_A_REFUSAL, Address, addresses, contents
from urbact_calls.domain.workflow.application import APPLICATION

# Without a broker this page says that the site is not ready, which is what it is for.
NOT_ASKED = ("GET /readyz",)
SHARES = {"Forms": 0.55, "Programs": 0.25, "Bare addresses": 0.1, "Pages": 0.1}
"""Which part of the requests is of each kind."""
# On a draft that was kept but for what is marked: `web.form_answers.attempt_draft`.
REST_IS_SAVED = b" data-rest-is-saved"
DESCRIPTION = "/api/v1/openapi.json"


class Writes:
    """Whether the request in hand would have changed a row: an act ends in a commit, which is taken back here."""

    def __init__(self) -> None:
        self.pending = self.committed = False

    def begin(self) -> None:
        """Forgets the request before."""
        self.pending = self.committed = False

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """What is allowed runs to its end, and the next request meets the same world."""
        commit = Session.commit

        def pretend(session: Session) -> None:
            session.flush()
            self.committed = self.committed or self.pending
            session.rollback()

        def seen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            words = statement.split(None, 3)
            if words[0] in ("INSERT", "UPDATE", "DELETE"):
                table = words[1] if words[0] == "UPDATE" else words[2]
                self.pending = self.pending or table.strip('"') not in KEPT_ON_A_REFUSAL

        def forgotten(_connection: Any) -> None:
            self.pending = False

        Session.commit = pretend  # type: ignore[assignment, method-assign]
        event.listen(Engine, "before_cursor_execute", seen)
        event.listen(Engine, "rollback", forgotten)
        try:
            yield
        finally:
            Session.commit = commit  # type: ignore[method-assign]
            event.remove(Engine, "before_cursor_execute", seen)
            event.remove(Engine, "rollback", forgotten)


@dataclass(frozen=True, slots=True)
class Question:
    """One request: what is asked, by whom, with what."""

    path: str
    role: str
    content: Content


Target = tuple[str, str, SearchStrategy[Question]]
"""Method, name of the address, and the questions to it."""


@dataclass
class Fuzz:
    """Asks a site; the same seed asks the same."""

    asked: Asked
    seed: int
    writes: Writes = field(default_factory=Writes)
    found: Figures = field(default_factory=Figures)
    raised: list[BaseException] = field(default_factory=list)

    def run(self, requests: int, forms: list[Form]) -> Figures:
        """About so many requests, of each kind its share, and as many to each address as to any other of its kind."""
        app = self.asked.site.app
        before = contents(app)
        with self.writes.watched(), got_request_exception.connected_to(self._note_fault, app):
            for kind, targets in self.targets(forms).items():
                share = max(1, round(requests * SHARES[kind] / len(targets)))
                say(f"{kind}: {len(targets)} addresses, {share} requests to each")
                for method, address, questions in targets:
                    known = len(self.found.wrong)
                    self.ask(kind, method, address, questions, share)
                    for finding in self.found.wrong[known:]:
                        say(finding)
        # What was taken back is not there; what a refusal wrote past the watch would be.
        after = contents(app)
        self.found.rows_compared = sum(map(len, before.values()))
        changed = [table for table in before if before[table] != after[table]]
        self.found.wrong += [f"{table}: a row was changed that nobody saw" for table in changed]
        return self.found

    def ask(self, kind: str, method: str, address: str, questions: SearchStrategy[Question], times: int) -> None:
        @hypothesis.seed(f"{self.seed} {kind} {method} {address}")
        @settings(
            max_examples=times,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=[*HealthCheck],
        )
        @given(questions)
        def once(question: Question) -> None:
            self.open(kind, method, address, question)

        once()

    def targets(self, forms: list[Form]) -> dict[str, list[Target]]:
        """Every address by the kind of questions it is asked."""
        site = self.asked.site
        every = [each for each in addresses(site.app) if each.name not in NOT_ASKED]
        by_address = defaultdict(list)
        for form in forms:
            by_address[self._name("POST", form.action)].append(form)
        self.found.with_form = set(by_address)
        return {
            "Forms": [("POST", name, _of_forms(sent_to)) for name, sent_to in sorted(by_address.items())],
            "Programs": [*self._programs([one for one in every if one.is_api])],
            "Bare addresses": [(one.method, one.name, self._bare(one)) for one in every if not one.is_api],
            "Pages": [
                (one.method, one.name, self._page(one)) for one in every if one.method == "GET" and not one.is_api
            ],
        }

    def _bare(self, address: Address) -> SearchStrategy[Question]:
        """Any address by anybody, on objects of any kind, with fields that nobody asked for."""
        key = "query_string" if address.method == "GET" else "data"
        paths = st.sampled_from([*get_args(Variant)]).flatmap(lambda variant: self._paths(address, variant))
        return st.builds(Question, paths, st.sampled_from(self.asked.roles), NOTES.map(lambda notes: {key: notes}))

    def _page(self, address: Address) -> SearchStrategy[Question]:
        """A page by somebody who may open it, with anything after the `?`."""
        return st.builds(Question, self._paths(address, "own"), self._who_may(address), ASKED_FOR_NOTES)

    def _programs(self, every: Sequence[Address]) -> Iterator[Target]:
        """The operations as the description has them, each by those who may and by those who may not."""
        hands = self.asked.hands
        described = schemathesis.openapi.from_wsgi(DESCRIPTION, self.asked.site.app)
        read = [each.ok() for each in described.get_all_operations() if isinstance(each, Ok)]
        operations = {(one.method.upper(), one.full_path): one for one in read}
        steps = st.sampled_from(hands.steps)
        names = st.sampled_from([each.name for each in APPLICATION.transitions])
        near = st.sampled_from(sorted({role for role, _, _ in hands.steps}))
        for address in every:
            plain = address.name.partition(" ")[2].replace("<", "{").replace(">", "}")
            # The description does not describe itself.
            content = ASKED_FOR_NOTES
            if plain != DESCRIPTION:
                content = asked_as_program(operations[address.method, plain], hands.call, hands.city)
            whole = st.builds(Question, self._paths(address, "own"), self._who_may(address), content)
            if "reference" in address.rule.arguments:
                # A step that can be taken now, by the person who may; else any step, by anybody who stands near.
                ready = st.builds(_of_step, st.just(plain), steps, content)
                other = st.builds(
                    _of_step, st.just(plain), st.tuples(near, steps.map(lambda one: one[1]), names), content
                )
                whole = ready | other | whole
            elif address.method == "POST":
                whole = st.builds(Question, self._paths(address, "own"), st.just(WRITER), content) | whole
            yield address.method, address.name, whole

    def _who_may(self, address: Address) -> SearchStrategy[str]:
        """Most often one of those whom the matrix allows; else anybody."""
        may = sorted(MATRIX[address.name].own) or list(self.asked.roles)
        return st.sampled_from(may) | st.sampled_from([*may, *self.asked.roles])

    def _paths(self, address: Address, variant: Variant) -> SearchStrategy[str]:
        """The address with values of the world, now and then with one that is no name of anything."""
        path = self.asked.site.path(address, variant)
        if not address.rule.arguments:
            return st.just(path)
        parts = path.split("/")

        def odd(at: int, text: str) -> str:
            return "/".join([*parts[:at], quote(text[:300], safe="", errors="replace") or "x", *parts[at + 1 :]])

        return st.one_of(*[st.just(path)] * 4, st.builds(odd, st.integers(1, len(parts) - 1), ANYTHING))

    def _name(self, method: str, path: str) -> str:
        rule, _ = self.asked.site.app.url_map.bind("localhost").match(path.partition("?")[0], method, return_rule=True)
        return Address(method, rule).name

    # What is answered

    def open(self, kind: str, method: str, address: str, question: Question) -> None:
        """Asks once, again if the answer was slow, and notes what came of it."""
        answered = self._once(kind, method, address, question)
        self.found.asked.append(answered)
        if answered.end is End.FAULT:
            self.found.wrong.append(f"{answered.here}, sent {str(question.content)[:500]}{self._reason()}")
        if answered.end in (End.REFUSED, End.TURNED_AWAY) and answered.changed:
            self.found.wrong.append(f"{answered.here}, but a row was changed; sent {str(question.content)[:500]}")
        if answered.seconds > LONGEST_SECONDS:
            again = [self._once(kind, method, address, question) for _ in range(2)]
            is_slow, words = too_slow(answered, again)
            (self.found.wrong if is_slow else self.found.delayed).append(words)

    def _once(self, kind: str, method: str, address: str, question: Question) -> Answered:
        site = self.asked.site
        client = site.app.test_client(use_cookies=False)
        headers = site.identity(question.role, is_api=kind == "Programs")
        self.writes.begin()
        self.raised.clear()
        own, began = time.process_time(), time.perf_counter()
        try:
            answer = client.open(
                question.path, method=method, headers=headers, buffered=True, **fresh(question.content)
            )
            status, location, body = answer.status_code, answer.location or "", answer.data
        except Exception as problem:
            # After the answer, when the request was put away: a session with changes that nobody committed.
            self.raised.append(problem)
            status, location, body = 500, "", b""
        seconds, own = time.perf_counter() - began, time.process_time() - own
        if REST_IS_SAVED in body:
            # A refusal changes no row, but a draft keeps what is right in it, and says so.
            self.writes.begin()
        here = f"{method} {question.path[:200]} as {question.role}: {status}"
        return Answered(kind, address, question.role, here, status, location, self.writes.committed, seconds, own)

    def _note_fault(self, _app: Any, exception: BaseException, **_: Any) -> None:
        self.raised.append(exception)

    def _reason(self) -> str:
        if not self.raised:
            return ""
        last = traceback.extract_tb(self.raised[-1].__traceback__)[-1]
        return f"\n    {type(self.raised[-1]).__name__}: {self.raised[-1]} ({last.filename}:{last.lineno})"


def _of_forms(forms: list[Form]) -> SearchStrategy[Question]:
    return st.sampled_from(forms).flatmap(
        lambda form: st.builds(Question, st.just(form.action), st.just(form.role), filled(form))
    )


def _of_step(plain: str, step: tuple[str, str, str], content: Content) -> Question:
    role, reference, name = step
    return Question(plain.replace("{reference}", reference).replace("{name}", name), role, content)
