"""E-mail addresses in one spelling: lower case, the domain as mail servers write it."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email


def address_of(typed: str) -> str | None:
    """The address that was typed, in the spelling in which accounts keep it; None if it is not an address.

    A domain in another alphabet becomes its ASCII form, so that one that only looks like another is seen.
    """
    try:
        found = validate_email(typed, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return (found.ascii_email or found.normalized).lower()
