"""Pages of those who write applications: who may open them, and the summary of an application that they show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeVar

from flask import Blueprint, g, render_template, url_for

from urbact_calls.applications.models import Application, Partner, SavedSection
from urbact_calls.applications.reads.applications import (
    is_private,
    may_write,
    opened_by,
    partners_to_write_for,
    public_state,
    require_writable,
    section_rows,
    time_left,
)
from urbact_calls.applications.reads.dossier import (
    assemble,
    findings_on_draft,
    led_by_the_same,
    partners_and_unconfirmed,
)
from urbact_calls.database import db
from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.finding import Finding
from urbact_calls.domain.eligibility.rulebook import RULEBOOK_VERSION
from urbact_calls.domain.network_types import kind_of
from urbact_calls.domain.network_types.fields import Field, FieldKind, Section
from urbact_calls.domain.network_types.kind import NetworkKind
from urbact_calls.domain.permissions import Actor, applicant, auditor, office
from urbact_calls.domain.refusal import NotFound, Refused
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.text import Text, listed, message, say
from urbact_calls.domain.vocabulary import ApplicationState, FindingOutcome, PartnerRole, RegionCategory, Tone, Word
from urbact_calls.web.access import Loaded, current_actor

blueprint = Blueprint("applications", __name__)

may_read = applicant | office | auditor


def application_of(actor: Actor, reference: str) -> Loaded:
    """The application with what the actor is to it. A draft does not exist for anybody but its applicants."""
    application, relation = opened_by(db.session(), actor, reference)
    if is_private(application) and not applicant(actor, relation):
        raise NotFound(f"application {reference}")
    return Loaded(application, relation)


def shown_state(application: Application) -> Word:
    """What this reader is told: applicants the public state, the programme the real one."""
    if applicant(current_actor(), g.relation):
        return public_state(application, g.received_at)
    return application.state


def is_writable(application: Application, require: Callable[[Application, datetime], None] = require_writable) -> bool:
    """Whether this reader may change the application now; or its letters, with `require_letters_writable`."""
    if not may_write(current_actor(), g.relation):
        return False
    try:
        require(application, g.received_at)
    except Refused:
        return False
    return True


def page(template: str, application: Application, *, summary: Summary | None = None, **values: object) -> str:
    """A page of an application, with what its head and its list of parts need."""
    summary = summary or summary_of(application)
    return render_template(
        template,
        application=application,
        summary=summary,
        state=shown_state(application),
        time_left=time_left(application.call, g.received_at),
        **values,
    )


@blueprint.app_template_global()
def list_it_stands_in() -> tuple[str, str]:
    """The list from which the reader of an application came, with its address: an applicant's own, or the check's."""
    if applicant(current_actor(), g.relation):
        return "My applications", url_for("applications.index")
    return "Eligibility check", url_for("eligibility.index")


@dataclass(frozen=True)
class Summary:
    """One application with all that its pages show, read in a constant number of queries. `unconfirmed` are the names
    of organisations whose managers nobody has confirmed."""

    application: Application
    terms: CallTerms
    saved: Mapping[str, SavedSection]
    partners: Sequence[Partner]
    dossier: Dossier
    unconfirmed: tuple[str, ...]

    @property
    def kind(self) -> NetworkKind | None:
        return kind_of(self.terms)

    @cached_property
    def parts(self) -> tuple[FormPart, ...]:
        """Every part in form order."""
        sections = map(self._section_part, self.kind.sections if self.kind else ())
        return (*sections, self._partners_part(), self._profiles_part(), self._budget_part(), self._letters_part())

    @property
    def own_partners(self) -> list[Partner]:
        """The partners whose figures and letters this reader may change while the application can be written."""
        return partners_to_write_for(current_actor(), g.relation, self.partners)

    @property
    def own_part(self) -> PartnerProfile | None:
        """The profile that this reader is to fill in: of somebody who writes for one partner and does not lead."""
        own = self.own_partners
        if not is_writable(self.application) or len(own) != 1 or own[0].role == PartnerRole.LEAD:
            return None
        return self.profile(own[0].id)

    @property
    def complete_parts(self) -> int:
        return sum(part.is_complete for part in self.parts)

    @property
    def short_answers(self) -> tuple[ShortAnswer, ...]:
        """The long texts of which very little is written, in form order: those of sections, then those of profiles."""
        found = []
        for section in self.kind.sections if self.kind else ():
            answers = self.saved[section.code].answers if section.code in self.saved else {}
            href = self._href("section", section=section.code)
            found += [_short(section.label, href, *each) for each in section.short(answers)]
        for partner, facts in zip(self.partners, self.dossier.partners, strict=True):
            for section in self.kind.sections_of(partner.role) if self.kind else ():
                href = self._href("partner_section", partner_id=partner.id, section=section.code)
                short = section.short(partner.answers.get(section.code, {}))
                found += [_short(f"{facts.name}, {section.label}", href, *each) for each in short]
        return tuple(found)

    @property
    def missing_words(self) -> str:
        """What keeps a draft from being complete, as a sentence."""
        unfinished, broken = len(self.parts) - self.complete_parts, self.advice.not_met
        counts = ((RULES_BROKEN, broken), (PARTS_UNFINISHED, unfinished), (LETTERS_MISSING, self.letters_missing))
        missing = listed(say(words(count=count)) for words, count in counts if count)
        return f"{missing}." if missing else "Everything is filled in."

    @cached_property
    def advice(self) -> ShownReport:
        """The rule book on the draft as it is now: the same rules that judge it later."""
        return ShownReport(
            findings=findings_on_draft(self.dossier, self.terms),
            version=f"rule book {RULEBOOK_VERSION}",
            made_at=g.received_at,
            note="The official check comes after the call has closed.",
            place_of=self._place_of,
        )

    @property
    def letters_missing(self) -> int:
        return sum(not partner.letter_of_commitment for partner in self.dossier.partners)

    @cached_property
    def meter(self) -> PartnershipMeter:
        facts = self.dossier.partners
        counts = {each: sum(partner.region_category is each for partner in facts) for each in _SERIES}
        low, high = self.terms.partners_min, self.terms.partners_max
        asked = f" of {low} to {high}" if low and high else ""
        return PartnershipMeter(
            figure=f"{len(facts)}{asked}",
            parts=tuple((p.country, _SERIES[p.region_category]) for p in facts if p.region_category),
            pending=tuple(partner.country for partner in facts if partner.region_category is None),
            open_places=max((high or 0) - len(facts), 0),
            key=tuple((f"{each.label} {count}", _SERIES[each]) for each, count in counts.items() if count),
        )

    def _section_part(self, section: Section) -> FormPart:
        answers = self.saved[section.code].answers if section.code in self.saved else {}
        state = _state_of(section, answers)
        fact = f"Still to fill in: {', '.join(section.missing(answers))}" if state is IN_PROGRESS else ""
        only = section.fields[0]
        if state is COMPLETE and len(section.fields) == 1 and only.kind is FieldKind.TEXT and only.limit:
            fact = say(CHARACTERS(length=len(answers.get(only.code, "")), limit=only.limit))
        return FormPart(section.code, section.label, self._href("section", section=section.code), state, fact)

    def _href(self, endpoint: str, **values: Any) -> str:
        return url_for(f"applications.{endpoint}", reference=self.application.reference, **values)

    def _broken(self, *topics: str) -> int:
        """How many rules the draft breaks; of what is submitted only a report speaks."""
        is_draft = self.application.state is ApplicationState.DRAFT
        return self.advice.about(*topics).not_met if is_draft else 0

    def _partners_part(self) -> FormPart:
        broken = self._broken("partnership", "geography", "lead_partner")
        state = _state(started=len(self.partners) > 1, broken=broken)
        fact = say(PARTNERS(partners=partners_from(self.dossier)))
        return FormPart("partners", "Partners", self._href("partners"), state, fact)

    def _profiles_part(self) -> FormPart:
        done = sum(profile.is_complete for profile in self.profiles)
        started = any(part.state is not NOT_STARTED for profile in self.profiles for part in profile.parts)
        state = COMPLETE if done == len(self.profiles) else IN_PROGRESS if started else NOT_STARTED
        fact = say(PROFILES_DONE(done=done, count=len(self.profiles)))
        return FormPart("profiles", "Partner profiles", self._href("partners", _anchor="profiles"), state, fact)

    @cached_property
    def profiles(self) -> tuple[PartnerProfile, ...]:
        """What each partner fills in about itself, in the order of the partners."""
        return tuple(self._profile(partner) for partner in self.partners)

    def profile(self, partner_id: int) -> PartnerProfile | None:
        return next((profile for profile in self.profiles if profile.partner.id == partner_id), None)

    def _profile(self, partner: Partner) -> PartnerProfile:
        answers = partner.answers
        sections = self.kind.sections_of(partner.role) if self.kind else ()
        parts = tuple(
            FormPart(
                section.code,
                section.label,
                self._href("partner_section", partner_id=partner.id, section=section.code),
                _state_of(section, answers.get(section.code, {})),
            )
            for section in sections
        )
        return PartnerProfile(partner=partner, parts=parts)

    def _budget_part(self) -> FormPart:
        broken = self._broken("budget", "financing")
        total = self.dossier.budget.total if self.dossier.budget else None
        state = _state(started=bool(total), broken=broken)
        return FormPart("budget", "Budget", self._href("budget"), state, f"{total} planned" if total else "")

    def _letters_part(self) -> FormPart:
        here = len(self.partners) - self.letters_missing
        state = COMPLETE if not self.letters_missing else IN_PROGRESS if here else NOT_STARTED
        fact = say(LETTERS_HERE(here=here, count=len(self.partners)))
        return FormPart("documents", "Letters of commitment", self._href("documents"), state, fact)

    def _place_of(self, finding: Finding) -> PageLink:
        """The page where a finding on the draft can be mended."""
        if finding.topic in ("partnership", "geography", "lead_partner"):
            return PageLink("Open the partners", self._href("partners"))
        if finding.topic in ("budget", "financing"):
            return PageLink("Open the budget", self._href("budget"))
        if finding.topic == "documents":
            return PageLink("Open the letters", self._href("documents"))
        section = {"content": "identity", "declarations": "declarations"}.get(finding.topic)
        if section is not None:
            return PageLink("Open the section", self._href("section", section=section))
        href = url_for("applications.application", reference=self.application.reference, _anchor="sections")
        return PageLink("See the sections", href)


def summary_of(application: Application) -> Summary:
    """Everything that the pages of an application show, as it is in the database."""
    session = db.session()
    saved = section_rows(session, application)
    partners, unconfirmed = partners_and_unconfirmed(session, application)
    is_draft = application.state is ApplicationState.DRAFT
    dossier = assemble(
        application,
        partners,
        {code: row.answers for code, row in saved.items()},
        received_at=None,
        # Only the advice on a draft asks for them.
        other_applications=led_by_the_same(session, application) if is_draft else None,
    )
    return Summary(application, application.call.terms, saved, partners, dossier, unconfirmed)


@dataclass(frozen=True, slots=True)
class FormPartState:
    """How far a part of the form is, as `macros/status.html` shows it."""

    label: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class FormPart:
    """One part: a section of the type, or partners, their profiles, budget, letters."""

    code: str
    title: str
    href: str
    state: FormPartState
    fact: str = ""

    @property
    def is_complete(self) -> bool:
        return self.state is COMPLETE


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """A long text of which very little is written: where it stands, what it asks, and how much there is."""

    where: str
    href: str
    question: str
    fact: str


def _short(where: str, href: str, field: Field, length: int) -> ShortAnswer:
    return ShortAnswer(where, href, field.label, say(CHARACTERS(length=length, limit=field.limit or 0)))


Part = TypeVar("Part", FormPart, Section)


def part_after(parts: Sequence[Part], code: str) -> Part | None:
    """The part that comes after the one of this code."""
    return next((after for part, after in pairwise(parts) if part.code == code), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnershipMeter:
    """The places of the partnership: one square per partner, by category of its region."""

    figure: str
    parts: tuple[tuple[str, int], ...]
    pending: tuple[str, ...]
    open_places: int
    key: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerProfile:
    """What one partner fills in about itself: the sections of its role, and how far each is."""

    partner: Partner
    parts: tuple[FormPart, ...]

    @property
    def is_complete(self) -> bool:
        return all(part.is_complete for part in self.parts)

    @property
    def fact(self) -> str:
        return say(PARTS_DONE(done=sum(part.is_complete for part in self.parts), count=len(self.parts)))

    @property
    def first_open(self) -> FormPart | None:
        """The part to go on with."""
        return next((part for part in self.parts if not part.is_complete), None)


CHARACTERS = message("summary.characters", "{length:,} of {limit:,} characters")
PARTS_DONE = message("summary.parts", "{done} of {count} parts", one="{done} of {count} part")
PARTNERS = message("summary.partners", "{partners}, lead partner included")
PARTNERS_FROM = message(
    "summary.partners_from", "{count} partners from {countries}", one="{count} partner from {countries}"
)
COUNTRIES = message("summary.countries", "{count} countries", one="{count} country")
PROFILES_DONE = message(
    "summary.profiles", "{done} of {count} profiles filled in", one="{done} of {count} profile filled in"
)
LETTERS_HERE = message("summary.letters", "{here} of {count} letters here", one="{here} of {count} letter here")
RULES_BROKEN = message("summary.rules_broken", "{count} rules are not met", one="{count} rule is not met")
PARTS_UNFINISHED = message("summary.parts_unfinished", "{count} parts are unfinished", one="{count} part is unfinished")
LETTERS_MISSING = message("summary.letters_missing", "{count} letters are missing", one="{count} letter is missing")
FIX = message("summary.fix", "Fix {count} rules", one="Fix {count} rule")


_SERIES = {RegionCategory.LESS_DEVELOPED: 1, RegionCategory.TRANSITION: 2, RegionCategory.MORE_DEVELOPED: 3}


def partners_from(dossier: Dossier) -> Text:
    """How many partners from how many countries."""
    return PARTNERS_FROM(count=len(dossier.partners), countries=COUNTRIES(count=len(dossier.countries)))


COMPLETE = FormPartState("Nothing missing", Tone.GOOD)
IN_PROGRESS = FormPartState("In progress", Tone.INFO)
NOT_STARTED = FormPartState("Not started", Tone.NEUTRAL)


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link to the place where a reason or a finding can be mended."""

    label: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReport:
    """Findings of the rule book for `macros/findings.html`: advice on a draft, or a report of the check."""

    findings: tuple[Finding, ...]
    version: str
    made_at: datetime
    note: str
    title: str = ""
    place_of: Callable[[Finding], PageLink] | None = None

    def about(self, *topics: str) -> ShownReport:
        """The same for the rules of some topics only."""
        return replace(self, findings=tuple(each for each in self.findings if each.topic in topics))

    @property
    def not_met(self) -> int:
        return sum(each.outcome is FindingOutcome.NOT_MET for each in self.findings)


def _state_of(section: Section, answers: Mapping[str, str]) -> FormPartState:
    is_started = section.is_started(answers)
    return COMPLETE if section.is_filled(answers) else IN_PROGRESS if is_started else NOT_STARTED


def _state(*, started: bool, broken: int) -> FormPartState:
    if not started:
        return NOT_STARTED
    return FormPartState(say(FIX(count=broken)), Tone.BAD) if broken else COMPLETE
