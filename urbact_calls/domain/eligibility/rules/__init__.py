"""The rules, one module per prefix of their codes. A new module in this folder is found by itself."""

from importlib import import_module
from pkgutil import iter_modules

# The order of a report: the story of an application. A module that is not listed comes after these.
_READING_ORDER = (
    "submission",
    "lead_partner",
    "partnership",
    "geography",
    "documents",
    "budget",
    "financing",
    "content",
    "schedule",
    "declarations",
)


_others = sorted({module.name for module in iter_modules(__path__)} - set(_READING_ORDER))
for _name in (*_READING_ORDER, *_others):
    import_module(f"{__name__}.{_name}")
