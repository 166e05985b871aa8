"""Words that occur nowhere but where somebody entered them, and who may read each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tests.journeys.people import Cast
from tests.journeys.plots import (
    APN,
    CV,
    EXPERT,
    INVITED,
    ITN,
    MOTIVATION,
    PLOTS,
    SKILLS,
    SUBSTITUTE,
    TN,
    Newcomer,
    Plot,
)
from urbact_calls import demonstration

OFFICE = frozenset({"officer1", "auditor"})
# The office, and who looks after the accounts.
KNOWS_ACCOUNTS = OFFICE | {"administrator"}
PANELS = {
    APN: frozenset({"assessor1", "assessor2", "chair"}),
    TN: frozenset({"assessor1", "substitute", "chair"}),
    ITN: frozenset({"assessor1", "assessor2", "chair"}),
}
APPLICANTS = {APN: frozenset({APN.call}), TN: frozenset({TN.call, "partner"}), ITN: frozenset({ITN.call})}


@dataclass(frozen=True, slots=True)
class Canary:
    """A word, whose it is, and everybody who may read it. Whoever owns it must find it, or the search finds nothing."""

    word: str
    owner: str
    may: frozenset[str]


def of_a_person(person: Newcomer, owner: str, may: frozenset[str]) -> Iterator[Canary]:
    yield Canary(person.name.split()[1], owner, may | KNOWS_ACCOUNTS | {owner})
    yield Canary(person.email.partition("@")[0], owner, may | KNOWS_ACCOUNTS | {owner})


def of_a_plot(plot: Plot) -> Iterator[Canary]:
    applicants, panel = APPLICANTS[plot], PANELS[plot]
    yield from of_a_person(plot.lead, plot.call, frozenset())
    yield Canary(plot.word, plot.call, applicants | panel | OFFICE)
    # Telephone numbers and addresses are for this partner, the lead partner, and the office.
    yield Canary(plot.contact.partition("@")[0], plot.call, OFFICE | {plot.call})
    yield Canary(first_word(plot.internal), "officer1", frozenset({"officer1"}))
    yield Canary(first_word(plot.remark), "assessor1", panel | OFFICE)
    yield Canary(first_word(plot.note), "officer1", OFFICE)
    yield Canary(first_word(plot.reasons), "officer1", OFFICE | {"committee"} | applicants)
    if "partner" in applicants:
        yield Canary(first_word(plot.words_of_the_partner), "partner", applicants | panel | OFFICE)


def first_word(text: str) -> str:
    return text.partition(":")[0]


WHILE_A_DRAFT = tuple(
    Canary(word, APN.call, frozenset({APN.call})) for word in (APN.word, APN.contact.partition("@")[0])
)
"""Before it is submitted an application is private to its partners, of whom one was taken out again."""


def while_pending(plot: Plot) -> Iterator[Canary]:
    """While the decision is written down and nobody has announced it. What a partner wrote stands in a section that
    is not asked for, and in the PDF, which is made at the end."""
    for canary in of_a_plot(plot):
        if canary.word == first_word(plot.reasons):
            yield replace(canary, may=OFFICE | {"committee"})
        elif canary.owner != "partner":
            yield canary


def at_the_end(cast: Cast, plots: Iterable[Plot]) -> Iterator[Canary]:
    """When everything has been read by those for whom it is: the words of these plots, and of the people around."""
    for plot in plots:
        yield from of_a_plot(plot)
    if "newcomer" in cast.known:
        # The lead partner who appointed the expert; nobody else, because the expert has not agreed to a public page.
        yield from of_a_person(EXPERT, "newcomer", frozenset({ITN.call}))
        # An auditor reads the profile, not the curriculum vitae.
        yield Canary(first_word(CV), "newcomer", frozenset({"newcomer", "officer1"}))
        yield Canary(first_word(SKILLS), "newcomer", OFFICE | {"newcomer", ITN.call})
        yield Canary(first_word(MOTIVATION), "newcomer", OFFICE | {"newcomer", ITN.call})
        yield Canary(INVITED.partition("@")[0], ITN.call, KNOWS_ACCOUNTS | {ITN.call})
    if "substitute" in cast.known:
        yield from of_a_person(SUBSTITUTE, "substitute", PANELS[TN])


def kept_secrets(cast: Cast) -> Iterator[str]:
    """What no page and no log may ever hold: passwords, cookies, and what stands in links of messages."""
    yield demonstration.PASSWORD
    yield from (person.password for person in (EXPERT, SUBSTITUTE, *(plot.lead for plot in PLOTS)))
    for visitor in cast.known.values():
        yield from (cookie["value"] for cookie in visitor.page.context.cookies())
    yield from cast.tokens.values()
    for message in cast.post.messages:
        body = message.get_body(("plain",))
        assert body is not None
        yield from re.findall(r"/(?:register/confirm|reset-password)/(\S+)", body.get_content())


def found_in(text: str, words: Iterable[str]) -> set[str]:
    folded = text.casefold()
    return {word for word in words if word.casefold() in folded}


def assert_nothing_is_logged(cast: Cast) -> None:
    """Everything that the supervisor, the site, the worker, the clock and the broker wrote down, and the messages
    that lay in the broker."""
    folder = cast.program.folder
    broker = (folder / "instance" / "valkey").rglob("*")
    logs = {
        str(path.relative_to(folder)): path.read_bytes().decode("utf-8", "replace")
        for path in (*folder.rglob("*.log"), *broker)
        if path.is_file()
    }
    # The accounts of the demonstration and their password are printed at the start, for whoever tries it.
    started, _, logs["program.log"] = logs["program.log"].partition("Ready after")
    assert demonstration.PASSWORD in started
    # Something was logged: the message that the mail server did not take.
    assert ("NotSent" in logs["program.log"]) is (APN.call in cast.known)

    words = {*kept_secrets(cast), *(canary.word for canary in at_the_end(cast, PLOTS))}
    words |= {person.email for person in (EXPERT, SUBSTITUTE, *(plot.lead for plot in PLOTS))}
    assert {name: found for name, text in logs.items() if (found := found_in(text, words))} == {}
