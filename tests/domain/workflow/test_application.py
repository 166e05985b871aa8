"""The life of an application: who may take which step, and what closes it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from urbact_calls.domain.permissions import ANONYMOUS, STRANGER, SYSTEM, Actor, Relation
from urbact_calls.domain.refusal import NotFound, Refused
from urbact_calls.domain.vocabulary import ApplicationState as S
from urbact_calls.domain.vocabulary import DecisionOutcome, Role
from urbact_calls.domain.workflow.application import APPLICATION, DECISION_TRANSITIONS, CaseFacts

NOW = datetime(2027, 3, 31, 12, 0, tzinfo=UTC)
LEAD = Relation(frozenset({Role.LEAD}))
OFFICER = Actor(7, "Officer", frozenset({Role.PROGRAMME_OFFICER}))
SECOND_OFFICER = replace(OFFICER, user_id=8)
APPLICANT = Actor(1, "Applicant", frozenset())


def facts(state: S, **more: object) -> CaseFacts:
    base = CaseFacts(state=state, call_is_open=True, closes_at=datetime(2027, 3, 31, 13, 0, tzinfo=UTC))
    return replace(base, **more)  # type: ignore[arg-type]


def take(name: str, case: CaseFacts, actor: Actor, relation: Relation = STRANGER, reason: str | None = None) -> S:
    taken = APPLICATION.require(
        name, state=case.state, facts=case, actor=actor, relation=relation, now=NOW, reason=reason
    )
    return taken.target


def codes(name: str, case: CaseFacts, actor: Actor, relation: Relation = STRANGER, reason: str | None = None):
    with pytest.raises(Refused) as refused:
        take(name, case, actor, relation, reason)
    return [refusal.code for refusal in refused.value.refusals]


def test_a_complete_draft_of_an_open_call_is_submitted():
    assert take("submit", facts(S.DRAFT), APPLICANT, LEAD) is S.SUBMITTED


def test_after_the_deadline_nobody_submits():
    assert codes("submit", facts(S.DRAFT, call_is_open=False), APPLICANT, LEAD) == ["call.closed"]


def test_a_missing_section_is_named():
    case = facts(S.DRAFT, sections_missing=("Challenge", "Budget"))

    with pytest.raises(Refused, match=r"Still to fill in: Challenge, Budget\."):
        take("submit", case, APPLICANT, LEAD)


@pytest.mark.parametrize("outcome", ["eligible", "ineligible"])
@pytest.mark.parametrize("step", ["propose", "declare"])
def test_a_region_that_nobody_confirmed_closes_the_verdict(step: str, outcome: str):
    case = facts(
        S.SUBMITTED,
        official_report=True,
        confirmed_unmet_findings=("geography.balance",) if outcome == "ineligible" else (),
        regions_unconfirmed=("Łódź", "Agen"),
        first_declaration_by=8 if step == "declare" else None,
        first_declaration_of=outcome if step == "declare" else None,
    )

    assert codes(f"{step}_{outcome}", case, OFFICER, reason="Because.") == ["eligibility.regions_unconfirmed"]
    with pytest.raises(Refused, match=r"Confirm the region of these partners first: Łódź, Agen\."):
        take(f"{step}_{outcome}", case, OFFICER, reason="Because.")


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_only_the_lead_applicant_submits(role: Role):
    with pytest.raises(NotFound):
        take("submit", facts(S.DRAFT), APPLICANT, Relation(frozenset({role})))


def test_a_submitted_application_is_reopened_while_the_call_is_open():
    assert take("reopen", facts(S.SUBMITTED), APPLICANT, LEAD) is S.DRAFT
    assert codes("reopen", facts(S.SUBMITTED, call_is_open=False), APPLICANT, LEAD) == ["call.closed"]


def test_one_officer_alone_declares_nothing():
    checked = facts(S.SUBMITTED, official_report=True)

    assert codes("declare_eligible", checked, OFFICER) == ["eligibility.first_officer"]
    assert take("propose_eligible", checked, OFFICER) is S.SUBMITTED


def test_the_officer_who_proposed_does_not_confirm():
    proposed = facts(
        S.SUBMITTED, official_report=True, first_declaration_by=OFFICER.user_id, first_declaration_of="eligible"
    )

    assert codes("declare_eligible", proposed, OFFICER) == ["eligibility.second_officer"]
    assert take("declare_eligible", proposed, SECOND_OFFICER) is S.ELIGIBLE


def test_a_proposal_of_the_opposite_confirms_nothing():
    proposed = facts(
        S.SUBMITTED, official_report=True, first_declaration_by=OFFICER.user_id, first_declaration_of="ineligible"
    )

    assert codes("declare_eligible", proposed, SECOND_OFFICER) == ["eligibility.first_officer"]


def test_nothing_is_declared_before_the_official_report():
    assert "eligibility.no_official_report" in codes("propose_eligible", facts(S.SUBMITTED), OFFICER)


def test_an_open_finding_closes_the_way_to_eligible():
    case = facts(S.SUBMITTED, official_report=True, open_findings=("The lead partner has signed its letter",))

    assert codes("propose_eligible", case, OFFICER) == ["eligibility.findings_open"]
    with pytest.raises(Refused, match=r"^Settle this finding \(“The lead partner has signed its letter”\) first\.$"):
        take("propose_eligible", case, OFFICER)


def test_many_open_findings_are_counted_and_not_all_named():
    case = facts(S.SUBMITTED, official_report=True, open_findings=("One", "Two", "Three"), unmet_findings=("Four",))

    with pytest.raises(Refused, match=r"^Settle these 4 findings \(“One”, “Two” and 2 more\) first\.$"):
        take("propose_eligible", case, OFFICER)


def test_an_unmet_finding_excludes_only_once_a_person_confirmed_it():
    case = facts(S.SUBMITTED, official_report=True, unmet_findings=("partnership.size",))
    confirmed = replace(case, confirmed_unmet_findings=("partnership.size",))

    assert codes("propose_ineligible", case, OFFICER, reason="Too few") == ["eligibility.nothing_unmet"]
    assert take("propose_ineligible", confirmed, OFFICER, reason="Too few") is S.SUBMITTED


def test_a_declaration_of_not_eligible_needs_a_reason():
    case = facts(
        S.SUBMITTED,
        official_report=True,
        confirmed_unmet_findings=("partnership.size",),
        first_declaration_by=OFFICER.user_id,
        first_declaration_of="ineligible",
    )

    assert codes("declare_ineligible", case, SECOND_OFFICER) == ["workflow.reason"]


@pytest.mark.parametrize(
    ("rounds", "asked", "said"),
    [
        (0, 0, "This call has no round of clarification."),
        (1, 1, "The one round of clarification of this call has been used."),
        (2, 2, "The 2 rounds of clarification of this call have been used."),
    ],
)
def test_clarification_is_asked_as_often_as_the_call_allows(rounds: int, asked: int, said: str):
    case = facts(S.SUBMITTED, official_report=True, only_curable_open=True, cure_rounds=rounds)

    assert codes("ask_clarification", replace(case, clarifications_asked=asked), OFFICER, reason="Again") == [
        "eligibility.round_used"
    ]
    with pytest.raises(Refused, match=said):
        take("ask_clarification", replace(case, clarifications_asked=asked), OFFICER, reason="Again")
    if asked:
        before = replace(case, clarifications_asked=asked - 1)
        assert take("ask_clarification", before, OFFICER, reason="The letter") is S.CLARIFICATION


def test_clarification_is_asked_once_and_only_for_what_can_be_cured():
    case = facts(S.SUBMITTED, official_report=True, only_curable_open=True)

    assert take("ask_clarification", case, OFFICER, reason="The letter") is S.CLARIFICATION
    assert codes("ask_clarification", replace(case, clarifications_asked=1), OFFICER, reason="Again") == [
        "eligibility.round_used"
    ]
    assert codes("ask_clarification", replace(case, only_curable_open=False), OFFICER, reason="Size") == [
        "eligibility.not_curable"
    ]


def test_an_answer_counts_until_it_is_due_and_lapses_afterwards():
    in_time = facts(S.CLARIFICATION, clarification_due=NOW)
    late = facts(S.CLARIFICATION, clarification_due=NOW - timedelta(seconds=1))

    assert take("answer_clarification", in_time, APPLICANT, LEAD) is S.SUBMITTED
    assert codes("answer_clarification", late, APPLICANT, LEAD) == ["clarification.late"]
    assert codes("clarification_lapsed", in_time, SYSTEM) == ["clarification.running"]
    assert take("clarification_lapsed", late, SYSTEM) is S.SUBMITTED


def test_the_assessment_closes_when_both_sheets_are_in_and_everybody_signed():
    assert codes("close_assessment", facts(S.ELIGIBLE, sheets_in=1), SYSTEM) == ["assessment.sheets_open"]
    assert codes("close_assessment", facts(S.ELIGIBLE, sheets_in=2), SYSTEM) == ["assessment.not_signed"]
    assert take("close_assessment", facts(S.ELIGIBLE, sheets_in=2, consensus_signed=True), SYSTEM) is S.ASSESSED


@pytest.mark.parametrize("outcome", list(DecisionOutcome))
def test_only_an_announced_decision_is_carried_out(outcome: DecisionOutcome):
    name = DECISION_TRANSITIONS[outcome].name

    assert codes(name, facts(S.ASSESSED), SYSTEM) == ["decision.not_announced"]
    assert take(name, facts(S.ASSESSED, announced_outcome=outcome), SYSTEM) == outcome.value


def test_no_person_carries_out_a_decision():
    decided = facts(S.ASSESSED, announced_outcome=DecisionOutcome.APPROVED)

    for actor in (ANONYMOUS, APPLICANT, OFFICER):
        with pytest.raises(NotFound):
            take("approve", decided, actor, LEAD)


def test_an_application_that_became_a_network_is_not_withdrawn():
    assert codes("withdraw", facts(S.IN_NETWORK), APPLICANT, LEAD, reason="Changed our mind") == ["workflow.state"]


def test_a_network_must_exist_before_the_application_ends_in_it():
    assert codes("found_network", facts(S.APPROVED), SYSTEM) == ["network.missing"]
    assert take("found_network", facts(S.APPROVED, network_founded=True), SYSTEM) is S.IN_NETWORK


CHECKED = facts(S.SUBMITTED, official_report=True)
UNMET = replace(CHECKED, confirmed_unmet_findings=("partnership.size",))
SECOND = {"first_declaration_by": OFFICER.user_id}


@pytest.mark.parametrize(
    ("name", "case", "code"),
    [
        *(
            (name, replace(case, **change), code)
            for name, case in (
                ("propose_eligible", CHECKED),
                ("declare_eligible", replace(CHECKED, first_declaration_of="eligible", **SECOND)),
                ("propose_ineligible", UNMET),
                ("declare_ineligible", replace(UNMET, first_declaration_of="ineligible", **SECOND)),
            )
            for change, code in (
                ({"official_report": False}, "eligibility.no_official_report"),
                ({"regions_unconfirmed": ("Agen",)}, "eligibility.regions_unconfirmed"),
            )
        ),
        *(
            (name, replace(CHECKED, **SECOND, first_declaration_of=proposed, **change), "eligibility.findings_open")
            for name, proposed in (("propose_eligible", None), ("declare_eligible", "eligible"))
            for change in ({"open_findings": ("A",)}, {"unmet_findings": ("A",)})
        ),
        (
            "declare_ineligible",
            replace(CHECKED, first_declaration_of="ineligible", **SECOND),
            "eligibility.nothing_unmet",
        ),
        ("propose_eligible", replace(CHECKED, first_declaration_of="eligible", **SECOND), "eligibility.proposed"),
        ("propose_ineligible", replace(UNMET, first_declaration_of="ineligible", **SECOND), "eligibility.proposed"),
        (
            "ask_clarification",
            replace(CHECKED, only_curable_open=True, official_report=False),
            "eligibility.no_official_report",
        ),
    ],
)
def test_one_thing_out_of_order_closes_the_check_of_eligibility(name: str, case: CaseFacts, code: str):
    assert codes(name, case, SECOND_OFFICER, reason="Because.") == [code]


def test_the_opposite_may_be_proposed_after_a_proposal():
    proposed = replace(UNMET, unmet_findings=(), first_declaration_of="ineligible", **SECOND)

    assert take("propose_eligible", proposed, OFFICER) is S.SUBMITTED


@pytest.mark.parametrize(
    ("name", "state", "target"),
    [("reinstate_eligibility", S.INELIGIBLE, S.SUBMITTED), ("reinstate_assessment", S.NOT_APPROVED, S.ASSESSED)],
)
def test_a_manager_who_names_the_complaint_takes_an_application_back(name: str, state: S, target: S):
    manager = Actor(9, "Manager", frozenset({Role.PROGRAMME_MANAGER}))

    assert codes(name, facts(state), manager) == ["workflow.reason"]
    assert take(name, facts(state), manager, reason="Upheld.") is target


def test_an_answer_is_not_awaited_where_no_date_was_set():
    waiting = facts(S.CLARIFICATION, clarification_due=None)

    assert take("answer_clarification", waiting, APPLICANT, LEAD) is S.SUBMITTED
    assert codes("clarification_lapsed", waiting, SYSTEM) == ["clarification.running"]
