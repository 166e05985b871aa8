"""What a finding is where the call says nothing else."""

from __future__ import annotations

from urbact_calls.domain.eligibility.finding import Finding
from urbact_calls.domain.vocabulary import FindingOutcome


def finding(**more: object) -> Finding:
    return Finding(
        code="partnership.size", title="Size", outcome=FindingOutcome.NOT_MET, message="7 partners.", source="", **more
    )


def test_a_finding_excludes_and_cannot_be_cured_unless_the_call_says_so():
    assert (finding().blocking, finding().curable) == (True, False)


def test_the_smallest_fix_is_told_with_the_message():
    assert finding(fix="1 more is enough.").full_message == "7 partners. 1 more is enough."
    assert finding().full_message == "7 partners."
