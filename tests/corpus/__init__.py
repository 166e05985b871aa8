"""Bad and unusual input that every form must survive, by kind. A test puts every entry into every field.

Each list is of plain values. `NAMES` and `READABLE` are good texts that must be kept letter by letter;
`UNREADABLE` must be refused; the others may be refused or kept, but never answered with a fault.
"""

from __future__ import annotations

ALLOWED_STATUSES = frozenset({200, 302, 303, 400, 409, 413, 415, 422, 429})
"""What a form may answer to anything; never 500."""

NAMES = [
    "Šiauliai",
    "Ħamrun",
    "Łódź",
    "Αθήνα",
    "София",
    "Żebbuġ",
    "L-Isla",
    "’s-Hertogenbosch",
    "Saint-Denis (La Réunion)",
    "Città di Castello",
    "Straße",
    "STRASSE ẞ",
    "İstanbul ılık",
    "Οδυσσεύς",
    "ﬁnanﬂ",
    "Ærøskøbing",
]
"""Names of cities as their people write them."""

DECOMPOSED = ["S\u030ciauliai", "Citta\u0300 di Castello", "Z\u0307ebbug\u0307", "A\u030aRHUS"]
"""The same letters, composed in another way; search and uniqueness treat them as equal."""

EMOJI = [
    "👨‍👩‍👧‍👦 family",
    "🇪🇺",
    "👍🏽",
    "naïve ☂️",
    "❤️‍🔥",
    "1️⃣",
    # A flag made of tags, and signs of Unicode 15, 16 and 17.
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "\U0001f6dc",
    "\U0001fae9",
    "\U0001f6d8",
]

MARKS = [
    "“Quoted” and ‘quoted’",
    "„So“ und ‚so‘",
    "« Comme ça »",
    "it’s – or — so…",
    "10\u00a0% of 5\u202f000\u00a0€",
    "A‑B • C · D № 5 § 3 ½ ² °",
]
"""Typographic marks as office programs put them in place of plain ones."""

UNREADABLE = [
    "a\x00b",
    "\x00",
    "a\x01\x1bb",
    "a\x7fb",
    "a\x9bb",
    "a\ufffdb",
    "a\ufffeb",
    "a\uffffb",
    "a\ue000b",
    "a\ufdd0b",
    "a\U0010ffffb",
    "a\U000f1234b",
]
"""Characters that cannot be stored, or that mean nothing outside one typeface."""

CLEANED = {
    "a\u200bb": "ab",
    "a\u2060b": "ab",
    "\u200ea\u200fb\u061c": "ab",
    "\ufeffbom": "bom",
    "a\u202ebc": "abc",
    "a\u2066b\u2069": "ab",
    "soft\u00adhyphen": "softhyphen",
    "a\u3164b\uffa0": "ab",
    "a\u2028b\u2029": "a\nb",
    "a\x85b": "a\nb",
    "a\x0bb\x0cc": "a\nb\nc",
    "no\x1ebreak\x1fhere": "no‑breakhere",
    "\uf0b7 one\r\n\uf0a7\ttwo": "• one\n•\ttwo",
}
"""What comes along when one pastes, and what is stored of it."""

UNUSUAL = [
    "a\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308bomb",
    "a" + "\u0301" * 500,
    "p\u0430ypal",  # a Cyrillic letter among Latin ones
    "a\u00a0b\u2009c\u202fd",
    "\ta\tb",
    "a\r\nb",
    "a\rb",
    "a\nb",
    "\n" * 50,
    "   ",
    "",
]

CODE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    "[a](javascript:alert(1))",
    "{{ 7*7 }}",
    "{% raw %}{{ config }}{% endraw %}",
    "{0.__class__}",
    "${7*7}",
    "%s%n%x",
    "' OR '1'='1",
    "'; DROP TABLE user_account; --",
    "1) UNION SELECT 1 --",
    "*)(uid=*))(|(uid=*",
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "＝1+1",
    "a@example.org\r\nBcc: b@example.org",
    "a@example.org%0d%0aBcc:b@example.org",
    "../../etc/passwd",
    "..\\..\\windows",
    "https://evil.example/",
    "//evil.example",
    "\\\\evil.example",
]

LONG = ["x" * 10_000, "é" * 10_000, "word " * 2_000, "\n" * 10_000]

NUMBERS = [
    "1,5",
    "1.5",
    "1 500,50",
    "1.500,50",
    "1’500.50",
    "1,500.50",
    "1.500",
    "€ 1 500",
    "-0,01",
    "--1",
    "+5",
    "0",
    "-0",
    "-1",
    "1e3",
    "1E+1000000",
    "1e400",
    "NaN",
    "sNaN",
    "Infinity",
    "-Infinity",
    "１２３",
    "٣",
    "1_000",
    "0x10",
    "5 %",
    "9" * 400,
    "99999999999,99",
    "2147483648",
    "9223372036854775808",
    "18446744073709551616",
    "1\u00a0500",
    "1\u202f500,5",
    "½",
    "²",
]

DATES = [
    "2026-02-30",
    "2026-13-01",
    "0000-00-00",
    "0000-01-01",
    "9999-12-31",
    "10000-01-01",
    "2027-02-29",
    "2028-02-29",
    "2026-03-29T02:30",  # does not exist in Paris
    "2026-10-25T02:30",  # happens twice in Paris
    "２０２６-０１-０１",
    "31/03/2027",
    "2026-3-1",
    "tomorrow",
    "-2026-01-01",
]

EMAILS = [
    "no-at-sign",
    "@example.org",
    "a@",
    "a@b@example.org",
    "a b@example.org",
    "a..b@example.org",
    ".a@example.org",
    "a@example..org",
    "a@-example.org",
    "a@[127.0.0.1]",
    "a@localhost",
    '"quoted part"@example.org',
    "A <a@example.org>",
    "a@example.org, b@example.org",
    "a@ex\u0430mple.org",
    "ä@example.org",
    "a@" + "x" * 250 + ".org",
    "x" * 65 + "@example.org",
    "a@example.org\n",
    "a+tag@example.org",
]

TEXTS = [*NAMES, *DECOMPOSED, *EMOJI, *MARKS, *UNREADABLE, *CLEANED, *UNUSUAL, *CODE, *LONG]
"""Everything a text field may meet."""

EVERYTHING = [*TEXTS, *NUMBERS, *DATES, *EMAILS]
"""Everything any field may meet."""

HARD_TO_STORE = [*NAMES[::4], *DECOMPOSED, *EMOJI, *UNREADABLE, *CLEANED, *UNUSUAL, *LONG, *NUMBERS, *DATES[::3]]
"""What a database may refuse, cut or change once a form has let it through."""

RAW_BODIES = [
    (b"", "application/x-www-form-urlencoded"),
    (b"name=%ff%fe&email=%80", "application/x-www-form-urlencoded"),
    (b"name=%ED%A0%80&email=%ED%BF%BF", "application/x-www-form-urlencoded"),  # lone surrogates
    (b"name=%00&email=%00&password=%00", "application/x-www-form-urlencoded"),
    (b"&&&===&", "application/x-www-form-urlencoded"),
    (b"name[a]=1&name[]=2&name.b=3", "application/x-www-form-urlencoded"),
    (b'{"name": ["a"], "email": {"b": 1}}', "application/json"),
    (b"{", "application/json"),
    (b"<a/>", "application/xml"),
    (b"name=a", "text/plain"),
    (b"name=a", "image/png"),
    (b"\x00\xff" * 500, "application/octet-stream"),
    (b"no boundary here", "multipart/form-data"),
    (b"--x\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    (b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\ncut off', "multipart/form-data; boundary=x"),
    (
        b'--x\r\nContent-Disposition: form-data; name="name"; filename="a.txt"\r\n\r\na file\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
    ),
    (b"name=" + b"x" * 3_000_000, "application/x-www-form-urlencoded"),
    (b"&".join(b"f%d=1" % number for number in range(1_001)), "application/x-www-form-urlencoded"),
]
"""Whole bodies with their type: malformed, of another type, too large, with too many parts."""


def structures(fields: dict[str, str]) -> list[list[tuple[str, str]]]:
    """Variants of a good form: a field missing, doubled, nested, in another order; fields nobody asked for."""
    good = list(fields.items())
    return [
        [],
        *([pair for pair in good if pair[0] != name] for name in fields),
        *([*good, (name, "second")] for name in fields),
        *([(name, "first"), *good] for name in fields),
        *([(f"{key}[a]" if key == name else key, value) for key, value in good] for name in fields),
        [*reversed(good)],
        [*good, ("id", "1"), ("user_id", "1"), ("role", "administrator"), ("is_admin", "1"), ("confirmed_at", "1")],
        [*good, *((f"extra{number}", "x") for number in range(300))],
        [*good, ("version", "9223372036854775808")],
    ]
