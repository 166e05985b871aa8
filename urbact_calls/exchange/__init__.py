"""The exchange format `urbact-dossier/1`: dossiers read strictly and examined.

Strict, because a misspelt field would silently leave a rule unasked: the first fault ends the reading and says what
is wrong, and where. `origin` and `expected` belong to test cases and are left aside.
"""
