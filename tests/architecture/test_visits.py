"""The check of what works without script finds what it is for, and the table of visits names what exists."""

from __future__ import annotations

import pytest

from tests.architecture.access_matrix import MATRIX
from tests.architecture.visited_site import WithoutScript
from tests.architecture.visits import NOT_ON_A_REAL_SITE, NOT_PAGES


@pytest.mark.parametrize(
    "html",
    [
        "<form><button type='button'>Add</button></form>",
        "<button type='submit'>Send nothing</button>",
        "<a href='#'>Open</a>",
        "<a>Open</a>",
        "<a href='javascript:open()'>Open</a>",
        "<p onclick='open()'>Open</p>",
        "<form><input name='city'></form>",
        "<form method='post'><button>Save</button></form>",
        "<script>open()</script>",
        "<script src='https://example.org/a.js'></script>",
    ],
)
def test_what_only_script_could_do_is_found(html: str):
    assert len(WithoutScript(html).faults) == 1


@pytest.mark.parametrize(
    "html",
    [
        "<form method='post'><input type='hidden' name='csrf_token'><input name='city'><button>Save</button></form>",
        "<form id='f'><input type='hidden' name='a'></form><button form='f'>Save</button>",
        "<form><input name='city' readonly></form>",
        "<a href='/help'>Help</a><a href='#main'>Skip</a>",
        "<script src='/static/js/site.js'></script>",
    ],
)
def test_what_a_browser_does_by_itself_is_fine(html: str):
    assert WithoutScript(html).faults == []


def test_what_gives_no_page_exists():
    assert set(NOT_PAGES) - set(MATRIX) - set(NOT_ON_A_REAL_SITE) == set()
