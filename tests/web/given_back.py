"""Steps of somebody whose form was refused: what the answer gives back, and signing in there."""

from __future__ import annotations

from werkzeug.test import TestResponse

from scripts.fuzz.forms import Form, forms_and_links
from tests.factories.accounts import PASSWORD
from tests.web_client import CleanClient
from urbact_calls.accounts.models import User

OURS = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


def forms(answer: TestResponse) -> list[Form]:
    return forms_and_links(answer.text, "", answer.request.path)[0]


def form_to(answer: TestResponse, action: str) -> dict[str, str]:
    """The fields of the form of a page that is sent to an address."""
    [form] = [each for each in forms(answer) if each.action == action]
    # The parser gives the line end that a browser leaves out.
    return {each.name: each.value.removeprefix("\n") for each in form.fields if each.name}


def signed_in_again(client: CleanClient, answer: TestResponse, user: User) -> TestResponse:
    fields = form_to(answer, "/sign-in") | {"email": user.email, "password": PASSWORD}
    return client.post("/sign-in", data=fields, headers=OURS)
