"""The five criteria of the default grid; a type gives them their weights.

The official criteria and weights are not public: these are our defaults (`domain.md` 8.2).
"""

from urbact_calls.domain.scoring import Criterion, Grid

_QUESTIONS = {
    "C1": (
        "Relevance",
        (
            "Is the challenge or practice clearly defined and shared by all partners?",
            "Is it linked to European urban policy, the Policy Objectives and the cross-cutting themes?",
            "Is working across borders needed?",
        ),
    ),
    "C2": (
        "Partnership",
        (
            "Do the partners complement each other, with local needs and commitment?",
            "Will local stakeholders take part?",
            "Is there balance between regions, and are there newcomers?",
        ),
    ),
    "C3": (
        "Methodology and work plan",
        (
            "Is the method of exchange and learning sound, stage by stage?",
            "Are outputs, testing, timetable and communication realistic?",
        ),
    ),
    "C4": (
        "Leadership and management",
        (
            "Does the lead partner have the capacity, the team and the experience?",
            "Are coordination and risks thought through?",
        ),
    ),
    "C5": (
        "Budget and value for money",
        (
            "Does the budget follow from the activities?",
            "Are the partners' shares fair and justified?",
        ),
    ),
}


def grid(**weights: int) -> Grid:
    """The default grid with the weights of one type: `grid(C1=20, C2=20, C3=25, C4=20, C5=15)`.

    Raises ValueError for a criterion without its weight, and for a weight without its criterion.
    """
    if set(weights) != set(_QUESTIONS):
        raise ValueError(f"a grid weighs {', '.join(_QUESTIONS)}; this one {', '.join(weights)}")
    return Grid(
        criteria=tuple(
            Criterion(code=code, title=title, weight=weights[code], asks=asks)
            for code, (title, asks) in _QUESTIONS.items()
        )
    )
