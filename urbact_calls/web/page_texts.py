"""The sentences and counts that templates say with parameters: `{{ "page.closes" | text(at=call.closes_at) }}`.

A template names the code and gives what it shows; the whole sentence stands here, so that its order, its plural and
later its language are in one place. A sentence without parameters stands in its template.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from urbact_calls.domain.text import CATALOGUE, Text, message


def text(code: str, **params: Any) -> Text:
    """The declared message of this code, said with parameters; a list may stand where a message takes a tuple."""
    return CATALOGUE[code](
        **{name: tuple(value) if isinstance(value, list) else value for name, value in params.items()}
    )


def counted(count: int, noun: str) -> Text:
    """The count with its noun: `{{ 8 | counted("partner") }}` says "8 partners"."""
    return text(f"count.{noun}", count=count)


def _declare(prefix: str, sentences: Mapping[str, str | tuple[str, str]]) -> None:
    """Declares sentences by the last part of their code; a pair is what is said of many, and of one."""
    for name, words in sentences.items():
        many, one = words if isinstance(words, tuple) else (words, None)
        message(f"{prefix}.{name}", many, one=one)


_declare(
    "count",
    {
        "application": ("{count:,} applications", "{count} application"),
        "body": ("{count:,} cities and other bodies", "{count} city or other body"),
        "body_found": ("{count:,} cities and other bodies found", "{count} city or other body found"),
        "country": ("{count:,} countries", "{count} country"),
        "day": ("{count:,} days", "{count} day"),
        "entry": ("{count:,} entries", "{count} entry"),
        "finding": ("{count:,} findings", "{count} finding"),
        "internal_note": ("{count:,} internal notes", "{count} internal note"),
        "member": ("{count:,} members", "{count} member"),
        "month": ("{count:,} months", "{count} month"),
        "network": ("{count:,} networks", "{count} network"),
        "network_found": ("{count:,} networks found", "{count} network found"),
        "partner": ("{count:,} partners", "{count} partner"),
        "region": ("{count:,} regions", "{count} region"),
        "term": ("{count:,} terms", "{count} term"),
        "year": ("{count:,} years", "{count} year"),
    },
)
_declare(
    "page",
    {
        # What one does, and where one is.
        "add": "Add {name}",
        "parts_filled_in": ("{done} of {count} parts filled in", "{done} of {count} part filled in"),
        "short_answers": ("{count} answers are very short", "{count} answer is very short"),
        "total": "{total} planned in total",
        "try_again_in": ("Try again in {count:,} seconds.", "Try again in a second."),
        "announce": ("Announce {count:,} decisions", "Announce {count} decision"),
        "go_on": "Go on with “{title}”",
        "job": "Job {number}",
        "message": "Message {number}",
        "network": "Network {name}",
        "not_done": "{step}: not done",
        "number": "number {number}",
        "number_of": "number {number} of {all}",
        "open": "Open {reference}",
        "save_then": "Save, then {title}",
        "show_all": "Show all {count}",
        "submission": "Submission {number}",
        "take_out": "Take {name} out",
        # Dates and states.
        "accepted": "Accepted {at:short}",
        "all_saved": "All changes saved, {at:short}",
        "closed": "Closed {at}",
        "closes": "Closes {at}",
        "days_left": "{left} of {most} left",
        "lock_by": "Lock by {due_on}",
        "month": "Month {first}",
        "saved_but_what_is_marked": "Saved {at}, except what is marked",
        "sent_too_much": "You sent {megabytes} MB.",
        "months": "Months {first} to {last}",
        "networks_ran_to": "Networks ran to {day}",
        "networks_run_to": "Networks run to {day}",
        "not_submitted": "Not yet submitted, {time_left}",
        "opens": "Opens {at}",
        "ranking_sealed": "Ranking sealed {at:short}",
        "saved": "Saved {at}",
        "sealed": "Sealed {at:short}",
        "sheet_due": "Sheet due by {due_on}",
        # Calls.
        "budget_up_to": "Up to {ceiling}",
        "decisions_announced": "The decisions were announced on {day}.",
        "call_about_place": "What {call} says about {place}",
        "call_for": "A call for {type}s.",
        "demonstration": (
            "This is a demonstration call. Nobody can win money in it; its dates are made up, its figures are those of "
            "a past call or our own."
        ),
        "demonstration_of": (
            "This is a demonstration call. Nobody can win money in it; its dates are made up, its figures are those of "
            "{call} or our own."
        ),
        "in_the_way": (
            "Only the office sees this call. {count} things stand in the way of publishing it:",
            "Only the office sees this call. {count} thing stands in the way of publishing it:",
        ),
        "networks_approved": ("{count:,} networks approved", "{count} network approved"),
        "partners_in_countries": "{partners} in {countries}",
        "partners_between": "{least} to {most} partners",
        "partners_up_to": "{partners}, up to {ceiling}",
        # Applications.
        "budget_over": "Over the limit by {over}",
        "budget_rate": "{rate} of the total",
        "budget_unread": "One amount cannot be read: “{typed}”",
        "budget_paid": "Total {whole}, of which {funded} paid by the funds",
        "budget_to_cut": "Take {over} off any line.",
        "draft_over": (
            "This draft was not submitted before the call closed on {closed_at}. It is not part of the call. "
            "Everything that was written stays readable."
        ),
        "drafts_waiting": (
            "{count} drafts cannot be seen by the Joint Secretariat. "
            "{reference}: {left}, the call closes on {closes_at}.",
            "A draft cannot be seen by the Joint Secretariat. {reference}: {left}, the call closes on {closes_at}.",
        ),
        "no_new_application": ("No application can be started in this call now. Its dates: {opens_at} to {closes_at}."),
        "rates_missing": ("Without {count:,} partners", "Without {count} partner"),
        "rates_unknown": ("Without {count:,} partners: rate not known", "Without {count} partner: rate not known"),
        "to_fill_in": "Still to fill in here: {missing:comma}.",
        "your_part": "Your part: {name}",
        "your_part_complete": (
            "Nothing is missing in your part, the profile of {name}. You can change it until the lead partner submits."
        ),
        "your_part_so_far": (
            "You write what your organisation brings and wants: {done} filled in. The lead partner writes the rest, "
            "and submits."
        ),
        "date_after": "Date, after {day}",
        "partners_lead_first": (
            "{count:,} partners, the lead partner first",
            "{count} partner, the lead partner first",
        ),
        "signed_by": "Signed by an elected representative of {partner}",
        "rates_not_known_yet": (
            "The rate of {count:,} partners is not known yet, because the category of the region is not.",
            "The rate of {count} partner is not known yet, because the category of the region is not.",
        ),
        # Eligibility.
        "clarification_rounds": (
            "The call allows {count} rounds of clarification.",
            "The call allows one round of clarification.",
        ),
        "findings_not_met": ("{count:,} findings not met.", "{count} finding not met."),
        "findings_to_confirm": (
            "{count:,} findings not met; a person must confirm each before it counts.",
            "{count} finding not met; a person must confirm each before it counts.",
        ),
        "findings_to_settle": ("{count:,} findings to settle.", "{count} finding to settle."),
        "on_this_page": (
            "{count:,} applications on this page, {total} in the call",
            "{count} application on this page, {total} in the call",
        ),
        "partners_from": ("{partners} from {count:,} countries", "{partners} from {count} country"),
        "partners_to_confirm": (
            "{count:,} partners to confirm before anybody can declare.",
            "{count} partner to confirm before anybody can declare.",
        ),
        "regions_to_confirm": (
            "{count:,} regions of partners to confirm.",
            "{count} region of partners to confirm.",
        ),
        "take_filter_away": (
            "Take a filter away to see more; {count:,} applications are in this call.",
            "Take a filter away to see more; {count} application is in this call.",
        ),
        "to_check": "{open} to check",
        "unmet": "{unmet} not met",
        "unmet_and_open": "{unmet} not met, {open} to check",
        "one_of_regions": ("In one of {count} regions", "In {count} region"),
        "about_people": ("about {count:about} people", "about {count} person"),
        "asked_to_join": "You have asked to join {name}. You hear by e-mail when somebody has accepted you.",
        "managers_unconfirmed": (
            "Nobody has confirmed yet that the managers of these organisations may speak for them: {names:comma}.",
            "Nobody has confirmed yet that the manager of this organisation may speak for it: {names:comma}.",
        ),
        # Assessment and decisions.
        "conditions_until": "Conditions until {day}",
        "follows_approved": ("{count} networks are founded.", "A network is founded."),
        "follows_approved_with_conditions": (
            "{count} networks are founded, each when its conditions are met.",
            "A network is founded when the conditions are met.",
        ),
        "follows_reserve": (
            "The applications wait for a place that becomes free.",
            "The application waits for a place that becomes free.",
        ),
        "follows_not_approved": ("The applications have come to their end.", "The application has come to its end."),
        "follows_postponed": ("A later meeting decides on them.", "A later meeting decides on it."),
        "budget_left": "of {budget}. {left} left. Total budgets of the approved networks.",
        "budget_overspent": "of {budget}. {over} too much. Total budgets of the approved networks.",
        "decisions_waiting": (
            "{count:,} decisions are recorded and not announced: "
            "only the Joint Secretariat and the committee see them.",
            "{count} decision is recorded and not announced: only the Joint Secretariat and the committee see it.",
        ),
        "decisions_waiting_others_open": (
            "{count:,} decisions are recorded and not announced: "
            "only the Joint Secretariat and the committee see them. Still to decide: {undecided:comma}.",
            "{count} decision is recorded and not announced: only the Joint Secretariat and the committee see it. "
            "Still to decide: {undecided:comma}.",
        ),
        "decisions_being_announced": (
            "{count:,} decisions are being announced: each is known as soon as its application has taken the step.",
            "{count} decision is being announced: it is known as soon as its application has taken the step.",
        ),
        "announced_count": ("{count:,} decisions announced", "{count} decision announced"),
        "done_of_all": "{done:,} of {all:,}",
        "for_applications": ("For {count:,} applications", "For {count} application"),
        "letters_held": (
            "{count:,}: nobody knows whether they left, or they cannot be delivered. Look at their jobs.",
            "{count}: nobody knows whether it left, or it cannot be delivered. Look at its job.",
        ),
        "announced_by_a_colleague": "You recorded some of them: a colleague of the office announces them.",
        "has_not_signed": "{name} has not signed",
        "has_signed": "{name} has signed",
        "line": ("{count:,} networks, {approved}", "{count} network, {approved}"),
        "line_of_budget": ("{count:,} networks, {approved} of {budget}", "{count} network, {approved} of {budget}"),
        "of_budget": "{approved} of {budget}",
        "ranked": (
            "{count:,} applications. Points out of 100.",
            "{count} application. Points out of 100.",
        ),
        "sheets_locked": (
            "Sheets that are locked: {locked} of {needed}. Until then nobody sees the sheet of anybody else."
        ),
        "signed": "Signed, {points} points",
        "threshold": "Threshold {points}.",
        "to_talk_about": "To talk about: {lowest} and {highest}",
        "unfinished": "Still checked or assessed: {waiting:comma}. The ranking can be sealed after that.",
        # Networks, cities and experts.
        "contacts_not_known": (
            "The contact of the Local Group is not known to us. Ask the town hall, or the National URBACT Point of the "
            "country."
        ),
        "other_contacts_not_known": (
            "For the other members, the contact of the Local Group is not known to us. Ask the town hall, or the "
            "National URBACT Point of the country."
        ),
        "from": "From {start}",
        "from_to": "{start} to {end}",
        "until": "Until {end}",
        "place_in_country": "{place}, {country}.",
        "place_in_region": "{place}, {country}, in {region} ({nuts2}).",
        "apply_by": "Apply by {day}",
        "valid_until": "Validated until the end of {end}.",
        "suspended_until": "Suspended until the end of {end}.",
        "experts_who_applied": "Experts who applied: {role}",
        "in_this_country": "in this country",
        "map": "Map of Europe with {cities:comma}.",
        "map_of_networks": (
            "Map of Europe with the member cities of {count:,} networks, each joined to its lead partner.",
            "Map of Europe with the member cities of {count} network, each joined to its lead partner.",
        ),
        "members_known": ("{count:,} members known to us.", "{count} member known to us."),
        "nothing_asked": "Nothing matches. Accents do not matter: “Lodz” finds Łódź.",
        "nothing_matches": "Nothing matches {asked:sentences}. Accents do not matter: “Lodz” finds Łódź.",
        "of_this_type": "among the networks of this type",
        "profile_refused": (
            "The Joint Secretariat has not validated this profile: {reason} You can change it and submit it again."
        ),
        "profile_suspended": "The Joint Secretariat has suspended the validation of this profile: {reason}",
        "profiles": "Profiles: {state}",
        "with_a_member_from_this_country": "with a member from this country",
        "with_this_theme": "with this theme",
        # Accounts and workers.
        "no_account_found": "No name and no address contains “{words}”. Try a part of the address.",
        "waits_longest": (
            "The job that waits longest has been due for {count:,} seconds.",
            "The job that waits longest has been due for {count} second.",
        ),
    },
)
