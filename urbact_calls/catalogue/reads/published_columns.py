"""Published columns: the allow-list of what the public may read of networks, their members and organisations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, case

from urbact_calls.domain.map_projection import is_in_frame, project
from urbact_calls.domain.themes import THEME_LABELS, codes_of, in_words, themes_of
from urbact_calls.domain.vocabulary import NetworkState, NetworkType, PartnerKind, PartnerRole, PlanKind, RegionCategory
from urbact_calls.domain.words import plural
from urbact_calls.networks.models import LocalGroup, Member, Network, NetworkStage, Plan, Recommendation, UnnamedMember
from urbact_calls.organisations.models import Organisation
from urbact_calls.reference.countries import country_name
from urbact_calls.reference.known_networks import regions

Shown = TypeVar("Shown")


@dataclass(frozen=True, slots=True)
class Point:
    """A city on the map; `x` and `y` are units of the picture."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PlanShown:
    """A plan of a member. While nothing is published about it, nothing is known of it."""

    kind: PlanKind
    title: str | None
    url: str | None
    published_on: date | None

    @property
    def is_published(self) -> bool:
        return self.published_on is not None


@dataclass(frozen=True, slots=True)
class RecommendationShown:
    """What a network recommends to others; `city` is the member it comes from, None for the whole network."""

    title: str
    text: str | None
    url: str | None
    published_on: date
    city: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberShown:
    """A member of a network with what it does there."""

    slug: str
    name: str
    seat_city: str
    country: str
    kind: PartnerKind
    role: PartnerRole
    latitude: float | None
    longitude: float | None
    coordinator: str | None = None
    contact: str | None = None
    plans: tuple[PlanShown, ...] = ()

    @property
    def is_lead(self) -> bool:
        return self.role is PartnerRole.LEAD

    @property
    def point(self) -> Point | None:
        """Where it lies on our map; None if that is not known or outside the frame."""
        return point_of(self.seat_city or self.name, self.latitude, self.longitude)


@dataclass(frozen=True, slots=True)
class UnnamedShown:
    """A member that a source counts without naming it; `note` says what the source gives."""

    country: str
    role: PartnerRole
    provenance: str
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class StageShown:
    """A stage of a network; dates that are not known are None."""

    label: str
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkShown:
    """A network as the public sees it."""

    slug: str
    name: str
    type: NetworkType
    call_code: str
    is_demonstration: bool
    state: NetworkState | None
    theme: str | None
    summary: str | None
    starts_on: date | None
    ends_on: date | None
    envelope_cents: int | None
    website: str | None
    provenance: str | None
    confidence: str | None
    members: tuple[MemberShown, ...] = ()
    unnamed: tuple[UnnamedShown, ...] = ()
    stages: tuple[StageShown, ...] = ()
    recommendations: tuple[RecommendationShown, ...] = ()

    @property
    def themes(self) -> list[tuple[str, str]]:
        """Each theme of the vocabulary, with its code in addresses; none if they are not known."""
        return [(code, THEME_LABELS[code]) for code in codes_of(self.theme)]

    @property
    def tags(self) -> list[str]:
        """What the source says the network is about, where its words are not those of the vocabulary."""
        return [in_words(tag) for tag in themes_of(self.theme) if in_words(tag) not in THEME_LABELS.values()]

    @property
    def is_record(self) -> bool:
        """Whether this is a network of a past call as public pages tell it, and not one that works on this site."""
        return self.provenance is not None

    @property
    def tone(self) -> str:
        """The name of the type's colour in the style sheets: `innovation-transfer`."""
        return self.type.label.removesuffix(" Network").lower().replace(" ", "-")

    @property
    def lead(self) -> MemberShown | None:
        return next((member for member in self.members if member.is_lead), None)

    @property
    def located(self) -> tuple[MemberShown, ...]:
        return tuple(member for member in self.members if member.point is not None)

    @property
    def cities(self) -> list[Point]:
        """The places on the map, the lead partner first."""
        return [member.point for member in self.located if member.point is not None]

    @property
    def members_in_words(self) -> str:
        """How many members are known, and from how many countries."""
        nameless = f", {len(self.unnamed)} of them without a name" if self.unnamed else ""
        known = len(self.members) + len(self.unnamed)
        return f"{known} known to us{nameless}, in {plural(len(self.countries), 'country', 'countries')}"

    @property
    def lead_index(self) -> int | None:
        """Where the lead partner stands among `cities`; None if its place is not known."""
        return next((index for index, member in enumerate(self.located) if member.is_lead), None)

    @property
    def unlocated(self) -> tuple[MemberShown, ...]:
        return tuple(member for member in self.members if member.point is None)

    @property
    def countries(self) -> Sequence[str]:
        return sorted({country_name(member.country) for member in self.members})

    @property
    def lead_sentence(self) -> str:
        """The first paragraph of the summary; empty if there is none."""
        return (self.summary or "").partition("\n\n")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class CityShown:
    """A member city, or another member, as the public sees it."""

    slug: str
    name: str
    seat_city: str
    country: str
    kind: PartnerKind
    nuts2: str | None
    region_category: RegionCategory | None
    region_confidence: str | None
    latitude: float | None
    longitude: float | None
    provenance: str | None
    confidence: str | None
    networks: tuple[NetworkShown, ...] = ()

    @property
    def region(self) -> str | None:
        """The NUTS 2 region in words, with its code."""
        known = regions().get(self.nuts2 or "")
        return f"{known.name} ({known.nuts2})" if known else self.nuts2

    @property
    def point(self) -> Point | None:
        return point_of(self.seat_city or self.name, self.latitude, self.longitude)


# A page draws each city several times, and the map of all networks draws hundreds.
@lru_cache(maxsize=2048)
def point_of(name: str, latitude: float | None, longitude: float | None) -> Point | None:
    """A place on the map of Europe; None for one that is not known or lies outside the frame."""
    if latitude is None or longitude is None or not is_in_frame(latitude, longitude):
        return None
    x, y = project(latitude, longitude)
    return Point(name, round(x, 1), round(y, 1))


def columns_of(shown: type, *tables: type) -> Iterator[ColumnElement[Any]]:
    """The columns that a class shows: of each field without a default, from the first table that has it."""
    for each in fields(shown):
        if each.default is MISSING:
            yield next(getattr(table, each.name) for table in tables if hasattr(table, each.name))


def shown(kind: type[Shown], row: Row[Any], **others: Any) -> Shown:
    """What the public sees of a row: the columns that `kind` has fields for, and `others`."""
    columns = {name: value for name, value in row._mapping.items() if name in kind.__annotations__}
    return kind(**columns, **others)


# Nothing else leaves the database for the public: what is added to a class above is published.
NETWORK = (Network.id, *columns_of(NetworkShown, Network))
MEMBER = (Member.id, Member.network_id, *columns_of(MemberShown, Organisation, Member))
UNNAMED = tuple(columns_of(UnnamedShown, UnnamedMember))
LOCAL_GROUP = (LocalGroup.member_id, LocalGroup.coordinator, LocalGroup.contact)
# What is not published yet does not leave the database.
PLAN = (
    Plan.member_id,
    Plan.kind,
    case((Plan.published_on.is_not(None), Plan.title)).label("title"),
    case((Plan.published_on.is_not(None), Plan.url)).label("url"),
    Plan.published_on,
)
RECOMMENDATION = (
    Recommendation.title,
    Recommendation.text,
    Recommendation.url,
    Recommendation.published_on,
    Organisation.name.label("city"),
)
STAGE = tuple(columns_of(StageShown, NetworkStage))
CITY = (Organisation.id, *columns_of(CityShown, Organisation))
