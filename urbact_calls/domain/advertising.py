"""Names that carry a message: a web or mail address, or an amount of money.

Names of organisations stand in official messages to people who never heard of them. One that says “Win 9 000 EUR, see
example.org” would be sent in the name of the programme.
"""

from __future__ import annotations

import re
from unicodedata import normalize

from urbact_calls.domain.text import Text, message

ADDRESS = message("name.address", "A name holds no web or mail address: take “{part}” out.")
AMOUNT = message("name.amount", "A name holds no amount of money: take “{part}” out.")

_COUNTRY = "(?!(?<=co[.])[ko]g)[a-z]{2}"  # any two letters; but Co.KG and Co.OG are forms of companies
_GENERIC = (
    "com|org|net|info|biz|name|mobi|pro|gov|edu|int|mil|app|dev|online|site|website|web|shop|store|xyz|top|vip|win|bid|"
    "club|live|life|link|click|space|tech|cloud|page|pages|news|blog|work|works|help|email|mail|digital|agency|ngo|ong|"
    "foundation|network|world|today|social|media|support|services|solutions|company|finance|money|cash|bank|fund|"
    "travel|city|town|events|center|group|global|academy|school|education|museum|coop|jobs|casino|bet|loan|credit|gift|"
    "xn--[a-z0-9-]+|ею|ευ|ελ|бг|срб|мкд|укр|рф"
)
_WEB_OR_MAIL = re.compile(
    r"\S*[a-z][a-z0-9+.-]*://\S*"
    r"|\bwww[.]\S+"
    r"|\S+@\S+[.]\S+"
    r"|[\w.-]+[.][a-z]{2,}/\S*"  # with a path it is an address whatever it ends with
    rf"|\b(?:[\w-]+[.])*[\w-]{{2,}}[.](?:{_GENERIC}|{_COUNTRY})(?![\w-])(?![.]\w)",
    re.IGNORECASE,
)
_NUMBER = r"[0-9](?:[0-9.,'’\s]*[0-9])?"
_SIGN = "[€$£¥₣₤₴₺₽]"
_CURRENCY = "eur|usd|gbp|chf|pln|czk|huf|ron|bgn|sek|nok|dkk|rsd|uah|bam|mkd|mdl|zł|kč|ft|lei|kr|lv|лв|дин|ден|грн"
_MONEY = re.compile(
    rf"{_SIGN}\s*{_NUMBER}"
    rf"|\b(?:eur|usd|gbp|chf)\s*{_NUMBER}"
    rf"|{_NUMBER}\s*(?:(?:k|m|mio|mrd|million|thousand)\b[.]?)?\s*(?:{_SIGN}|(?:euros?|dollars?|pounds?|ευρώ|евро|{_CURRENCY})\b)",
    re.IGNORECASE,
)


# No name is as long, and the time that the patterns take grows with the square of it.
_LONGEST_READ = 300


def why_no_name(name: str) -> Text | None:
    """Why a text cannot be a name of an organisation, a place or a person, with the part of it; None if it can."""
    # Programs that read mail take wide letters and dots for the plain ones.
    read = normalize("NFKC", name[:_LONGEST_READ])[:_LONGEST_READ]
    for said, pattern in ((ADDRESS, _WEB_OR_MAIL), (AMOUNT, _MONEY)):
        found = pattern.search(read)
        if found is not None:
            return said(part=found[0].strip())
    return None
