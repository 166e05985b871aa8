"""The letter of commitment of one partner, ready to be signed.

It says what the Joint Secretariat looks for in a letter (`domain.md` 6.3, content checks): the partner's name, its own
contribution, who signs and in which function, a date after the opening of the call, and a signature of an elected
representative. What is not known stays a line to write on, or is called "not known".
"""

from __future__ import annotations

from dataclasses import dataclass

from urbact_calls.applications.models import Partner
from urbact_calls.applications.outline import Outline
from urbact_calls.applications.printed import printed_budget
from urbact_calls.domain.vocabulary import PartnerRole
from urbact_calls.web.filters import day, euro

SOURCE = (
    "The Joint Secretariat checks that a letter names the partner, its own contribution, the signatory and the "
    "function of the signatory, that it is dated after the call has opened, and that an elected representative has "
    "signed it. If the documents of the call contain an official template, use that template."
)


@dataclass(frozen=True, slots=True)
class LetterPart:
    title: str
    opening: str
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterToSign:
    """What the letter of one partner says; empty names are lines to write on."""

    reference: str
    call: str
    partner: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[LetterPart, ...]
    opened: str
    signatory_name: str = ""
    signatory_function: str = ""
    source: str = SOURCE


def letter_to_sign(outline: Outline, partner: Partner) -> LetterToSign:
    """The letter of one of the partners of the outline, with its figures as they are now."""
    application = outline.application
    call, number = application.call, [each.id for each in outline.partners].index(partner.id)
    budget = printed_budget(outline.dossier, outline.terms)
    planned, financing = budget.rows[number].whole, budget.financing[number]
    own = euro(financing.own_amount.cents) if financing.own_amount is not None and planned else "not known"
    name = partner.organisation.name
    lead = outline.dossier.lead.name
    is_lead = partner.role == PartnerRole.LEAD
    return LetterToSign(
        reference=application.reference,
        call=f"{call.title} ({call.code})",
        partner=name,
        facts=(
            ("Partner", f"{name}, {partner.organisation.seat_city}, {partner.organisation.country}"),
            ("Role", "Lead partner" if is_lead else f"Partner; the lead partner is {lead}"),
            ("Call", f"{call.title} ({call.code})"),
            ("Network", application.title or "title not known yet"),
            ("Application", application.reference),
            ("Planned budget of the partner", euro(planned.cents) if planned else "not known"),
            ("Rate of the fund", financing.rate),
            ("Own contribution", own),
        ),
        parts=_parts(name, lead, own, is_lead=is_lead),
        opened=day(call.opens_at.date()),
    )


def _parts(name: str, lead: str, own: str, *, is_lead: bool) -> tuple[LetterPart, ...]:
    role = "as lead partner" if is_lead else f"as a partner; {lead} leads the network"
    from_own_means = f"{name} will pay its own contribution"
    known = own != "not known"
    amount = f" of {own} from its own means." if known else " from its own means. Amount, not known yet: €____________."
    return (
        LetterPart(
            "We take part",
            f"With this letter {name} confirms that it wants to take part in the network named above, {role}. "
            "If the network is approved, we will:",
            (
                "take part in its work from its start to its end, and name a person who is responsible for it;",
                "build and lead an URBACT Local Group with those whom the theme concerns;",
                "give the staff and the time that the application plans for us.",
            ),
        ),
        LetterPart("We pay our share", from_own_means + amount),
        LetterPart(
            "What we declare",
            f"{name} declares that:",
            (
                "what the application says about us is true and complete;",
                "the costs that are planned for us are not paid by another programme of the European Union;",
                "we keep to the rules of the programme and to the law of the Union and of our country, among them the "
                "rules on public procurement and on State aid.",
            ),
        ),
    )
