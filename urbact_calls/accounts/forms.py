"""Forms of accounts: register, confirm, sign in, reset a password, change name or password, give a role."""

from __future__ import annotations

from functools import partial
from typing import Any

from wtforms import BooleanField, EmailField, PasswordField, SelectField, StringField
from wtforms.fields.core import Field
from wtforms.validators import DataRequired, InputRequired, Length, StopValidation, ValidationError

from urbact_calls.accounts.commands import passwords
from urbact_calls.accounts.models import ApiToken, User
from urbact_calls.accounts.reads import address_of
from urbact_calls.domain.advertising import why_no_name
from urbact_calls.domain.characters import is_mark, script_of
from urbact_calls.domain.permissions import PROGRAMME_ROLES
from urbact_calls.domain.text import say
from urbact_calls.domain.vocabulary import Role
from urbact_calls.web.forms import BaseForm, at_most, country_choices, of_one_alphabet, readable, word_choices

LONGEST_NAME = 120
# Names stand in messages to others: what could be read as a link or a mail header has no place in them.
_NOT_IN_A_NAME = "@/\\:<>"
_MOST_MARKS_ON_A_LETTER = 4


def text_of(field: Field) -> str:
    """What a text field holds; nothing for a field that was not sent."""
    return str(field.data or "")


def has_letters(_form: BaseForm, field: Field) -> None:
    """A name has a letter, and not more marks on one than any language has."""
    name = text_of(field)
    marks = 0
    for character in name:
        marks = marks + 1 if is_mark(character) else 0
        if marks > _MOST_MARKS_ON_A_LETTER:
            raise StopValidation("One letter of this name has more marks than any language uses.")
    if not any(script_of(character) for character in name):
        raise StopValidation("Type a name with letters.")


def is_no_link(_form: BaseForm, field: Field) -> None:
    """Nothing in a person's name can be read as a link or as an address."""
    for character in _NOT_IN_A_NAME:
        if character in text_of(field):
            raise ValidationError(f"Type a name without “{character}”.")


def is_an_address(_form: BaseForm, field: Field) -> None:
    """An e-mail address that a mail server would accept."""
    if address_of(text_of(field)) is None:
        raise ValidationError("Type an e-mail address, for example name@city.example.")


def weaknesses_for(field: Field, *about: str | None) -> None:
    """Says beside the field why a password is too weak for this person."""
    found = passwords.weaknesses(text_of(field), about=[text for text in about if text])
    if found:
        raise ValidationError(say(found[0].message))


def known_password(label: str) -> PasswordField:
    """A field for a password that was chosen before."""
    too_long = f"A password has at most {passwords.LONGEST} characters."
    missing = f"Type your {label.lower()}."
    return PasswordField(label, [InputRequired(missing), readable, Length(max=passwords.LONGEST, message=too_long)])


def new_password(label: str) -> PasswordField:
    """A field for a password that is chosen now."""
    return PasswordField(
        label,
        [InputRequired("Type a password."), readable],
        description=f"At least {passwords.SHORTEST} characters. Four or more words that have nothing to do with each "
        "other are easy to remember and hard to guess.",
    )


def carries_no_message(_form: BaseForm, field: Field) -> None:
    """A name stands in official messages, so it is nothing but a name."""
    problem = why_no_name(text_of(field))
    if problem is not None:
        raise ValidationError(say(problem))


def named(missing: str, what: str, longest: int) -> list[Any]:
    """The validators of a name: it is there, can be read, is not too long, has letters, of one alphabet a word, and
    carries no message."""
    return [
        DataRequired(missing),
        readable,
        at_most(longest, f"The {what}"),
        has_letters,
        of_one_alphabet,
        carries_no_message,
    ]


def name_field() -> StringField:
    return StringField("Your name", [*named("Type your name.", "name", LONGEST_NAME), is_no_link])


def address_field(label: str, description: str = "") -> EmailField:
    return EmailField(
        label,
        [InputRequired("Type your e-mail address."), readable, is_an_address],
        description=description,
    )


class RegisterForm(BaseForm):
    """Opening an account. No password is asked for: whoever types an address may not be its owner."""

    name = name_field()
    email = address_field("Work e-mail address", "We send a link there, with which you choose your password.")
    notice = BooleanField(
        "I have read how my data are used", [InputRequired("Read how your data are used, then tick this box.")]
    )


class ChosenPassword(BaseForm):
    """A password that is chosen now by somebody whose name and address are known."""

    password: PasswordField

    def __init__(self, person: User, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.about = (person.name, person.email)

    def validate_password(self, field: Field) -> None:
        weaknesses_for(field, *self.about)


class ConfirmForm(ChosenPassword):
    """Confirming an address with a link: its owner says who they are and chooses the password."""

    name = name_field()
    password = new_password("Password")

    def __init__(self, person: User) -> None:
        super().__init__(person, name=person.name)

    def validate_password(self, field: Field) -> None:
        weaknesses_for(field, text_of(self.name), *self.about)


class SignInForm(BaseForm):
    """Signing in. What is not an address is simply not known."""

    email = EmailField("E-mail address", [InputRequired("Type your e-mail address."), readable])
    password = known_password("Password")


class ForgottenForm(BaseForm):
    """Asking for a link to choose a new password."""

    email = address_field("E-mail address")


class ResetForm(ChosenPassword):
    """Choosing a new password with a link."""

    password = new_password("New password")


class NameForm(BaseForm):
    """Changing one's name."""

    name = name_field()


class PasswordForm(ChosenPassword):
    """Changing one's password."""

    current = known_password("Current password")
    password = new_password("New password")


class TokenForm(BaseForm):
    """Making a token of the interface. The name of its field is not that of the form beside it."""

    token_name = StringField(
        "Name of the new token",
        named("Say which program will use the token.", "name", ApiToken.LONGEST_NAME),
        description="What it is for, for example “Figures of our city”.",
    )


class GrantForm(BaseForm):
    """Giving a role of the programme."""

    role = SelectField(
        "Role", choices=word_choices(PROGRAMME_ROLES, "Choose a role"), validators=[InputRequired("Choose a role.")]
    )
    country = SelectField(
        "Country", description="For a National URBACT Point.", choices=partial(country_choices, "No country")
    )

    def validate_country(self, field: Field) -> None:
        if self.role.data == Role.NATIONAL_POINT and not field.data:
            raise ValidationError("Choose the country of this National URBACT Point.")

    @property
    def chosen_role(self) -> Role:
        return Role(self.role.data)

    @property
    def chosen_country(self) -> str | None:
        return self.country.data if self.chosen_role is Role.NATIONAL_POINT else None
