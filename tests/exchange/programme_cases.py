"""The programme's dossiers as test data, and changes to them."""

import json
from copy import deepcopy
from pathlib import Path

FILE = Path(__file__).with_name("dossiers.json")
CASES = json.loads(FILE.read_text(encoding="utf-8"))
BY_ID = {case["id"]: case for case in CASES}


def expected(case):
    """The part of what is expected that is said in full: the verdict, and the codes of rules that are not met."""
    return {name: case["expected"][name] for name in ("verdict", "not_met", "warnings")}


def changed(name, /, **fields):
    """A case with other top-level fields."""
    return {**deepcopy(BY_ID[name]), **fields}


def with_partners(name, changes, /):
    """A case with other facts of some partners, by their place."""
    case = deepcopy(BY_ID[name])
    for place, fields in changes.items():
        case["partners"][place].update(fields)
    return case


def without_partner(name, place, /):
    case = deepcopy(BY_ID[name])
    del case["partners"][place]
    return case
