"""Answers in tables and short lines of the demonstration's application. Nobody in it exists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

LINES: Mapping[str, str] = {
    "address": "1 Example Street\n00000 Nowhere",
    "name_en": "A made-up city",
    "registration": "DEMO-0000",
}

TABLES: Mapping[str, Sequence[Mapping[str, str]]] = {
    "meetings": (
        {"date": "Month 2", "place": "City of the lead partner", "aim": "Kick-off: agree on the questions and visits"},
        {"date": "Month 9", "place": "City of a partner", "aim": "Compare the first tests on school streets"},
        {"date": "Month 18", "place": "City of a partner", "aim": "Review the draft plans in pairs"},
        {"date": "Month 29", "place": "Brussels", "aim": "Show the results to other cities"},
    ),
    "work_packages": (
        {
            "objective": "The network is led well and reports on time.",
            "activities": "Steering group every three months, reporting, risk list.",
            "deliverables": "Six progress reports",
            "responsible": "Lead partner",
            "start": "1",
            "end": "31",
            "cost": "150000.00",
        },
        {
            "objective": "Partners learn from each other's streets.",
            "activities": "Four meetings, eight visits, two online workshops.",
            "deliverables": "A note on each visit",
            "responsible": "Lead partner with the lead expert",
            "start": "2",
            "end": "29",
            "cost": "220000.00",
        },
        {
            "objective": "Each city tests and plans with its Local Group.",
            "activities": "Local Group meetings, small tests, drafting of the plan.",
            "deliverables": "One plan for each city",
            "responsible": "Every partner",
            "start": "4",
            "end": "28",
            "cost": "180000.00",
        },
        {
            "objective": "Other cities can use the results.",
            "activities": "Articles, a short film, a closing event.",
            "deliverables": "Network page, closing event",
            "responsible": "Lead partner",
            "start": "3",
            "end": "31",
            "cost": "60000.00",
        },
    ),
    "team": (
        {"role": "coordinator", "person": "Head of mobility", "fte": "0.6"},
        {"role": "finance", "person": "Officer for European funds", "fte": "0.3"},
        {"role": "communication", "person": "Press officer", "fte": "0.2"},
    ),
    "contacts": tuple(
        {
            "name": f"{name} (made up)",
            "function": function,
            "email": "nobody@example.org",
            "telephone": "+33 0 00 00 00 00",
        }
        for name, function in (
            ("A. Mayor", "Mayor"),
            ("B. Coordinator", "Head of mobility"),
            ("C. Finance", "Officer for European funds"),
            ("D. Press", "Press officer"),
        )
    ),
}
