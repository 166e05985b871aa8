"""What is wrong with a page in Chromium: on a wide and a narrow screen, in light and in dark.

Each page is loaded once; then the screen and the colours change around it, as no answer of the site depends on them.
What a second look could not find is not looked for twice:

* In light axe runs with all its rules on the wide screen. At 320 pixels, as when a reader enlarges the page four times,
  it runs with all rules on what is new there or looks different, and on the whole page with those that ask for places
  and sizes. Most of a page stays: the same words in the same colours and letters.
* Dark changes colours and nothing else, so contrast alone is measured again: of all that stands at 320 pixels, and on
  the wide screen of all that looks different there.
* What looks different is decided by comparing each element of the page, not by which page it is.
* Nothing may be cut off on both, nor on the screen of a telephone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from playwright.sync_api import Browser, Page

from tests.services_browser import ALL_RULES, AXE, FLAGS, PATIENCE_MS, found_by_axe, program, violations

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
ENLARGED = {"width": 320, "height": 844}
CONTRAST = "{resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block']}"
# A page is laid out, and never drawn: axe asks for places and colours, not for pictures. Saves a fifth of the time.
NEVER_DRAWN = "--enable-begin-frame-control"

PLACES = "{resultTypes: ['violations'], runOnly: ['target-size', 'scrollable-region-focusable']}"

# Each element that is shown, with all that its contrast depends on. What it stands on is another element.
LOOKS = """() => new Map(
  [...document.body.querySelectorAll("*")]
    .filter((each) => each.checkVisibility({visibilityProperty: true}))
    .map((each) => {
      const s = getComputedStyle(each);
      const letters = [s.color, s.fontSize, s.fontWeight, s.fill, s.clip, s.clipPath, s.position];
      return [each, [...letters, s.backgroundColor, s.backgroundImage, s.opacity, s.textDecorationLine].join()];
    })
)"""


@contextlib.contextmanager
def looking_glass(browser: Browser) -> Iterator[Page]:
    """A page to look at others with, one after the other. Nothing can be pressed in it: a press waits for a picture."""
    undrawn = browser.browser_type.launch(executable_path=program(), args=[*FLAGS, NEVER_DRAWN])
    try:
        # Colours glide from one to the other, unless the reader asks for less motion; what counts is where they end.
        context = undrawn.new_context(
            locale="en-GB", timezone_id="Europe/Paris", viewport=WIDE, color_scheme="light", reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(path=AXE)
        yield context.new_page()
    finally:
        undrawn.close()


def begin(page: Page) -> None:
    """Before a page is opened: the wide screen, in light."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)


def looked_at(page: Page) -> list[str]:
    """What is wrong with the page that is open; enlarged it is dark as the device wishes, wide as the reader chose."""
    found = [f"wide, light: {line}" for line in violations(page)]
    found += _cut_off(page, "wide")
    _remember(page)
    page.set_viewport_size(NARROW)
    found += _cut_off(page, "narrow")
    page.set_viewport_size(ENLARGED)
    found += _cut_off(page, "enlarged")
    found += [f"enlarged, light: {line}" for line in _new_faults(page, ALL_RULES)]
    found += [f"enlarged, light: {line}" for line in found_by_axe(page, "document", PLACES)]

    page.emulate_media(color_scheme="dark")
    found += [f"enlarged, dark: {line}" for line in found_by_axe(page, "document", CONTRAST)]
    _remember(page)
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    return found + [f"wide, dark: {line}" for line in _new_faults(page, CONTRAST)]


def _remember(page: Page) -> None:
    page.evaluate(f"globalThis.looked = ({LOOKS})()")


def _new_faults(page: Page, rules: str) -> list[str]:
    """What is wrong with all that looked different, or was not there, when the page was remembered."""
    if page.evaluate(
        f"(globalThis.other = [...({LOOKS})()].filter(([each, look]) => looked.get(each) !== look)).length"
    ):
        return found_by_axe(page, "{include: other.map(([each]) => each)}", rules)
    return []


def _cut_off(page: Page, screen: str) -> list[str]:
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [f"{screen}: {over} pixels wider than the screen"] if over > 0 else []
