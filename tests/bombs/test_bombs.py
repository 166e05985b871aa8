"""PDFs that are made to keep their reader busy, sent at once: the site answers others, and each is refused.

`python -m scripts.bombs` sends eight, and holds the program to seconds; here the machine may be busy with other tests.
"""

from __future__ import annotations

import pytest

from scripts.bombs.trial import trial
from tests.services_databases import Databases


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_bombs_are_refused_while_others_read_pages(databases: Databases, capsys):
    figures = trial("sqlite", 2, databases.shared)

    with capsys.disabled():
        print(f"\nBombs on SQLite:\n{figures.told()}")  # noqa: T201 -- the figures of the trial
    assert figures.problems == []
    assert len(figures.turns) == 2
    assert len(figures.pages) > 4
    # Nobody waited for the check of a file: it takes three seconds of the processor, and more than that of the clock.
    assert figures.page_p95 < min(figures.turns) + 3
