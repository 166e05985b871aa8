"""Which tests run in one process, where several share the work: those that share what takes seconds to make."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

from config import ROOT

DATABASES = ("sqlite", "postgresql")
MARK = "pytest.mark.together"


class InGroups(LoadScopeScheduling):
    """Gives each process one group after the other, in the order of the tests.

    Not `--dist loadgroup`: it reads groups from the ends of test ids, where pytest 9.2 lets no plugin write.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """Of a module that is marked `together`, the tests on one database: one process makes their world, and makes it
    once. Any other test is alone."""
    module, _, test = nodeid.partition("::")
    if not is_together(module):
        return nodeid
    given = re.split(r"[\[\]-]", test)
    return " ".join([module, *(each for each in DATABASES if each in given)])


@cache
def is_together(module: str) -> bool:
    """Read from the text of the module, because the process that gives out the tests does not import them."""
    return MARK in (ROOT / Path(module)).read_text()
