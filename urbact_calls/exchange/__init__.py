"""The exchange format `urbact-dossier/1`: dossiers read strictly, examined, and written back.

Strict, because a misspelt field would silently leave a rule unasked: the first fault ends the reading and says what
is wrong, and where. `origin` and `expected` belong to test cases and are left aside.
"""

from urbact_calls.exchange.dossier_reader import (
    FORMAT,  # noqa: F401
    Exchanged,  # noqa: F401
    read,  # noqa: F401
)
from urbact_calls.exchange.dossier_writer import write  # noqa: F401
from urbact_calls.exchange.examination import (
    examine_text,  # noqa: F401
    printed,  # noqa: F401
)
from urbact_calls.exchange.strict_json import ExchangeFault  # noqa: F401
