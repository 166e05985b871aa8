"""The exchange format `urbact-dossier/1`: dossiers read strictly, examined, and written back.

Strict, because a misspelt field would silently leave a rule unasked: the first fault ends the reading and says what
is wrong, and where. `origin` and `expected` belong to test cases and are left aside.
"""

from urbact_calls.exchange.answers import examine_text, printed
from urbact_calls.exchange.reading import FORMAT, Exchanged, read
from urbact_calls.exchange.strict_json import ExchangeFault
from urbact_calls.exchange.writing import write

__all__ = ["FORMAT", "ExchangeFault", "Exchanged", "examine_text", "printed", "read", "write"]
