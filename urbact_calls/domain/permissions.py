"""Permissions: an actor, and named predicates that can be combined with `&`, `|` and `~`.

A predicate reads an actor and a *relation*: what this actor is to the object at hand. It is pure, so the same
predicate decides a page, a button, an API call and the generated table of permissions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Interests:
    """What a person takes part in: applications, and the calls that these answer, by their ids."""

    applications: frozenset[int] = frozenset()
    calls: frozenset[int] = frozenset()


NO_INTERESTS = Interests()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: built once per request from the account, its programme roles, its organisations and interests."""

    user_id: int | None = None
    name: str = "Visitor"
    roles: frozenset[Role] = frozenset({Role.ANONYMOUS})
    organisation_ids: frozenset[int] = frozenset()
    interests: Interests = NO_INTERESTS

    @property
    def is_signed_in(self) -> bool:
        return self.user_id is not None

    @property
    def role_labels(self) -> tuple[str, ...]:
        return tuple(role.label for role in Role if role in self.roles)


SIGN_IN = message("actor.unknown", "Sign in first.")


def account_of(actor: Actor) -> int:
    """The id of the account that acts. Raises Refused for a visitor."""
    if actor.user_id is None:
        raise Refused(Refusal(SIGN_IN()))
    return actor.user_id


PROGRAMME_ROLES = (
    Role.EXPERT,
    Role.ASSESSOR,
    Role.PANEL_CHAIR,
    Role.PROGRAMME_OFFICER,
    Role.PROGRAMME_MANAGER,
    Role.MANAGING_AUTHORITY,
    Role.COMMITTEE,
    Role.NATIONAL_POINT,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
"""The roles that an account can be given; `lead`, `editor` and `viewer` come from an application."""
OFFICES = frozenset(PROGRAMME_ROLES) - {Role.EXPERT}
"""The roles whose rights end where their holder takes part."""

DECIDING_ROLES = OFFICES - {Role.AUDITOR}
"""The roles whose holders decide something about others, administrators included: they decide who decides."""

ANONYMOUS = Actor()
SYSTEM = Actor(name="The system", roles=frozenset({Role.SYSTEM}))


@dataclass(frozen=True, slots=True)
class Relation:
    """What an actor is to one object.

    `roles` are the roles held *in this object* (lead applicant of this application, assessor with an
    allocation to it). `is_conflicted` takes every right of an office, an assessor or the committee away: the actor
    takes part in it, or has declared a conflict. `competes` says that the actor takes part in another application of
    the same call; it takes away what an office may know of the assessment and decide of the outcome.
    """

    roles: frozenset[Role] = frozenset()
    is_conflicted: bool = False
    competes: bool = False


STRANGER = Relation()


@dataclass(frozen=True, slots=True)
class Predicate:
    """A named yes-or-no question about an actor and a relation."""

    name: str
    test: Callable[[Actor, Relation], bool] = field(compare=False)

    def __call__(self, actor: Actor, relation: Relation = STRANGER) -> bool:
        return self.test(actor, relation)

    def __and__(self, other: Predicate) -> Predicate:
        return Predicate(f"{self.name} and {other.name}", lambda a, r: self(a, r) and other(a, r))

    def __or__(self, other: Predicate) -> Predicate:
        return Predicate(f"{self.name} or {other.name}", lambda a, r: self(a, r) or other(a, r))

    def __invert__(self) -> Predicate:
        return Predicate(f"not {self.name}", lambda a, r: not self(a, r))


def holds(role: Role, name: str) -> Predicate:
    """The actor holds a role of the programme."""
    return Predicate(name, lambda actor, _: role in actor.roles)


def serves_as(role: Role, name: str) -> Predicate:
    """The actor holds an office of the programme, and does not take part in the object at hand."""
    return Predicate(name, lambda actor, relation: role in actor.roles and not relation.is_conflicted)


def holds_here(role: Role, name: str) -> Predicate:
    """The actor holds a role in the object at hand."""
    return Predicate(name, lambda _, relation: role in relation.roles)


anyone = Predicate("anyone", lambda actor, relation: True)
nobody = Predicate("nobody", lambda actor, relation: False)
signed_in = Predicate("a signed-in person", lambda actor, _: actor.is_signed_in)
works_for_an_organisation = Predicate(
    "a member of an organisation", lambda actor, _: actor.is_signed_in and bool(actor.organisation_ids)
)
system = holds(Role.SYSTEM, "the system")

programme_officer = serves_as(Role.PROGRAMME_OFFICER, "a programme officer")
programme_manager = serves_as(Role.PROGRAMME_MANAGER, "a programme manager")
office = programme_officer | programme_manager
administrator = serves_as(Role.ADMINISTRATOR, "an administrator")
national_point = serves_as(Role.NATIONAL_POINT, "a National URBACT Point")
auditor = serves_as(Role.AUDITOR, "an auditor")
committee = serves_as(Role.COMMITTEE, "a member of the Monitoring Committee")
panel_member = holds(Role.ASSESSOR, "an assessor")
panel_chair = holds(Role.PANEL_CHAIR, "the chair of the panel")
expert = holds(Role.EXPERT, "an expert")

is_conflicted = Predicate("in a conflict of interest", lambda _, relation: relation.is_conflicted)
competes = Predicate("an applicant of the same call", lambda _, relation: relation.competes)
lead_applicant = holds_here(Role.LEAD, "the lead applicant")
partner_editor = holds_here(Role.EDITOR, "a partner editor")
partner_viewer = holds_here(Role.VIEWER, "a partner viewer")
applicant = lead_applicant | partner_editor | partner_viewer
allocated_assessor = holds_here(Role.ASSESSOR, "an assessor of this application") & ~is_conflicted
chair_of_this_panel = holds_here(Role.PANEL_CHAIR, "the chair of this panel") & ~is_conflicted
own_expert = holds_here(Role.EXPERT, "the expert concerned")
