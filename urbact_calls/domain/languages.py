"""Languages that an expert can name, with their levels in words."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from urbact_calls.domain.vocabulary import LanguageLevel

# ISO 639-1 codes: the 24 official languages of the Union (Regulation No 1/1958), then those of the other countries
# of the programme.
LANGUAGES = MappingProxyType(
    {
        "bg": "Bulgarian",
        "cs": "Czech",
        "da": "Danish",
        "de": "German",
        "el": "Greek",
        "en": "English",
        "es": "Spanish",
        "et": "Estonian",
        "fi": "Finnish",
        "fr": "French",
        "ga": "Irish",
        "hr": "Croatian",
        "hu": "Hungarian",
        "it": "Italian",
        "lt": "Lithuanian",
        "lv": "Latvian",
        "mt": "Maltese",
        "nl": "Dutch",
        "pl": "Polish",
        "pt": "Portuguese",
        "ro": "Romanian",
        "sk": "Slovak",
        "sl": "Slovenian",
        "sv": "Swedish",
        "sq": "Albanian",
        "bs": "Bosnian",
        "mk": "Macedonian",
        "no": "Norwegian",
        "sr": "Serbian",
        "uk": "Ukrainian",
    }
)


def language_words(languages: Iterable[tuple[str, LanguageLevel]]) -> list[str]:
    """Each language with its level: "Portuguese, C2 or first language"."""
    return [f"{LANGUAGES[code]}, {level.label}" for code, level in languages]


def language_names(codes: Iterable[str]) -> list[str]:
    """Each language by its name: "Portuguese"."""
    return [LANGUAGES[code] for code in codes]
