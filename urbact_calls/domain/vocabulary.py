"""Every state and kind of the programme: its code, its English and its tone, one line per word.

The code is what the database and the API store, the label is what people read, the tone is how a page shows
it. Templates never map a state to a colour: they show the tone of the word.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Self

from urbact_calls.domain.text import Text, message, say


class Tone(StrEnum):
    """What a state asks of its reader; the design system gives each tone an icon and a pair of colours."""

    NEUTRAL = "neutral"
    INFO = "info"
    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"
    CALM = "calm"
    BRAND = "brand"
    OPEN = "open"


class Word(StrEnum):
    """A code with its tone. Its English is declared as the message `kind_of_word.code`."""

    text: Text
    tone: Tone

    def __new__(cls, code: str, english: str = "", tone: Tone = Tone.NEUTRAL) -> Self:
        word = str.__new__(cls, code)
        word._value_ = code
        kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()
        word.text = message(f"{kind}.{code}", english)()
        word.tone = tone
        return word

    @classmethod
    def _missing_(cls, value: object) -> None:
        raise ValueError(f"{value!r} is no {cls.__name__}: declare it in urbact_calls/domain/vocabulary.py")

    @property
    def label(self) -> str:
        """The word as people read it."""
        return say(self.text)

    @classmethod
    def with_code(cls, code: str) -> Self | None:
        """The word of a code; None for a text from outside that is no code."""
        return cls(code) if code in list(cls) else None


class ApplicationState(Word):
    """Where an application stands."""

    DRAFT = "draft", "Draft", Tone.NEUTRAL
    SUBMITTED = "submitted", "Submitted", Tone.INFO
    CLARIFICATION = "clarification", "Clarification asked", Tone.CAUTION
    ELIGIBLE = "eligible", "Eligible", Tone.GOOD
    INELIGIBLE = "ineligible", "Not eligible", Tone.BAD
    ASSESSED = "assessed", "Assessed", Tone.CALM
    APPROVED = "approved", "Approved", Tone.GOOD
    APPROVED_WITH_CONDITIONS = "approved_with_conditions", "Approved with conditions", Tone.CAUTION
    RESERVE = "reserve", "On the reserve list", Tone.CALM
    NOT_APPROVED = "not_approved", "Not approved", Tone.NEUTRAL
    POSTPONED = "postponed", "Decision postponed", Tone.CALM
    IN_NETWORK = "in_network", "Network founded", Tone.BRAND
    WITHDRAWN = "withdrawn", "Withdrawn", Tone.NEUTRAL


class PublicState(Word):
    """What an applicant is shown: a recorded decision that is not announced is "decision pending"."""

    DRAFT = "draft", "Draft", Tone.NEUTRAL
    LAPSED = "lapsed", "Not submitted before the call closed", Tone.NEUTRAL
    SUBMITTED = "submitted", "Submitted", Tone.INFO
    ELIGIBILITY_CHECK = "eligibility_check", "Eligibility check", Tone.INFO
    CLARIFICATION = "clarification", "Your answer is needed", Tone.CAUTION
    ASSESSMENT = "assessment", "Assessment", Tone.INFO
    DECISION_PENDING = "decision_pending", "Decision pending", Tone.CALM
    INELIGIBLE = "ineligible", "Not eligible", Tone.BAD
    APPROVED = "approved", "Approved", Tone.GOOD
    APPROVED_WITH_CONDITIONS = "approved_with_conditions", "Approved with conditions", Tone.CAUTION
    RESERVE = "reserve", "On the reserve list", Tone.CALM
    NOT_APPROVED = "not_approved", "Not approved", Tone.NEUTRAL
    POSTPONED = "postponed", "Decision postponed", Tone.CALM
    IN_NETWORK = "in_network", "Network founded", Tone.BRAND
    WITHDRAWN = "withdrawn", "Withdrawn", Tone.NEUTRAL


class CallPhase(Word):
    """Where a call stands; derived from its dates, never stored."""

    UNPUBLISHED = "unpublished", "Not published", Tone.NEUTRAL
    UPCOMING = "upcoming", "Upcoming", Tone.INFO
    OPEN = "open", "Open", Tone.OPEN
    CLOSED = "closed", "Closed", Tone.NEUTRAL


class FileState(Word):
    """How far an uploaded file is: nobody gets one before it has passed."""

    UNCHECKED = "unchecked", "Not yet checked", Tone.INFO
    UNSCANNED = "unscanned", "Not yet scanned", Tone.INFO
    PASSED = "passed", "Checked", Tone.GOOD
    REFUSED = "refused", "Refused", Tone.BAD


class NetworkState(Word):
    """Where a network stands."""

    FORMING = "forming", "Forming", Tone.INFO
    ACTIVE = "active", "Active", Tone.BRAND
    COMPLETED = "completed", "Completed", Tone.NEUTRAL


class ExpertApplicationState(Word):
    """Where an expert's application to a network stands."""

    SUBMITTED = "submitted", "Submitted", Tone.INFO
    CHOSEN = "chosen", "Chosen, waits for the Joint Secretariat", Tone.CAUTION
    APPOINTED = "appointed", "Appointed", Tone.GOOD
    ENDED = "ended", "Left the network", Tone.NEUTRAL
    DECLINED = "declined", "Not chosen", Tone.NEUTRAL
    WITHDRAWN = "withdrawn", "Withdrawn", Tone.NEUTRAL


class ExpertProfileState(Word):
    """Where an expert's profile stands in the pool."""

    DRAFT = "draft", "Draft", Tone.CAUTION
    SUBMITTED = "submitted", "Waiting for the Joint Secretariat", Tone.INFO
    VALIDATED_LEAD = "validated_lead", "Validated as lead expert", Tone.GOOD
    VALIDATED_AD_HOC = "validated_ad_hoc", "Validated as ad hoc expert", Tone.GOOD
    SUSPENDED = "suspended", "Suspended", Tone.BAD
    EXPIRED = "expired", "Validation expired", Tone.NEUTRAL
    REFUSED = "refused", "Not validated", Tone.BAD


class ExpertTrack(Word):
    """What an expert does in a network (urbact.eu/time-join-urbact-pool-experts)."""

    LEAD = "lead", "Lead expert"
    AD_HOC = "ad_hoc", "Ad hoc expert"


class Expertise(Word):
    """The three kinds of expertise of the pool (urbact.eu/time-join-urbact-pool-experts)."""

    EXCHANGE = "exchange", "Design and delivery of transnational exchange and learning"
    THEMATIC = "thematic", "Thematic knowledge"
    METHODS = "methods", "Methods and tools for integrated and participatory approaches"


class ReadingState(Word):
    """Where the reading of one kind of expertise of a profile stands; two read it, a third where they differ."""

    UNREAD = "unread", "Nobody has read it", Tone.CAUTION
    READ_ONCE = "read_once", "One of two has read it", Tone.CAUTION
    DIFFERING = "differing", "Two readers differ, a third decides", Tone.CAUTION
    PROVEN = "proven", "Proven", Tone.GOOD
    NOT_PROVEN = "not_proven", "Not proven", Tone.BAD


class LanguageLevel(Word):
    """Levels of the Common European Framework of Reference for Languages."""

    A1 = "A1", "A1"
    A2 = "A2", "A2"
    B1 = "B1", "B1"
    B2 = "B2", "B2"
    C1 = "C1", "C1"
    C2 = "C2", "C2 or first language"


class IndividualSheetState(Word):
    """Where an assessor's own sheet stands."""

    OPEN = "open", "Open", Tone.CAUTION
    SUBMITTED = "submitted", "Locked", Tone.GOOD


class ConsensusSheetState(Word):
    """Where the agreed sheet of an application stands."""

    OPEN = "open", "To be agreed", Tone.CAUTION
    SIGNED = "signed", "Signed", Tone.GOOD


class ConflictAnswer(Word):
    """What an assessor declared about an application."""

    NONE = "none", "No conflict of interest", Tone.GOOD
    CONFLICT = "conflict", "Conflict of interest", Tone.BAD


class ReportKind(Word):
    """A provisional report follows each submission; the official one is made once, after the call has closed."""

    PROVISIONAL = "provisional", "Provisional report", Tone.INFO
    OFFICIAL = "official", "Official report", Tone.CALM


class FindingOutcome(Word):
    """The answer of one rule."""

    MET = "met", "Met", Tone.GOOD
    NOT_MET = "not_met", "Not met", Tone.BAD
    TO_BE_CHECKED = "to_be_checked", "To be checked", Tone.CAUTION
    NOT_ENFORCED = "not_enforced", "Not enforced in this call", Tone.NEUTRAL


class Verdict(Word):
    """What the program proposes after all rules; a person decides."""

    ELIGIBLE = "eligible", "Eligible", Tone.GOOD
    INELIGIBLE = "ineligible", "Not eligible", Tone.BAD


class DecisionOutcome(Word):
    """What the Monitoring Committee decided."""

    APPROVED = "approved", "Approved", Tone.GOOD
    APPROVED_WITH_CONDITIONS = "approved_with_conditions", "Approved with conditions", Tone.CAUTION
    RESERVE = "reserve", "Reserve list", Tone.CALM
    NOT_APPROVED = "not_approved", "Not approved", Tone.NEUTRAL
    POSTPONED = "postponed", "Postponed", Tone.CALM


class JobState(Word):
    """Where a piece of work left to the workers stands."""

    READY = "ready", "Ready", Tone.INFO
    RUNNING = "running", "Running", Tone.INFO
    SENDING = "sending", "Sending", Tone.CAUTION
    DONE = "done", "Done", Tone.GOOD
    DEAD = "dead", "Dead", Tone.BAD
    CANCELLED = "cancelled", "Cancelled", Tone.NEUTRAL


class DeliveryState(Word):
    """Where a message stands. A parked one may have left or not: a person must find out."""

    WAITING = "waiting", "Waiting", Tone.INFO
    SENT = "sent", "Sent", Tone.GOOD
    FAILED = "failed", "Not sent", Tone.BAD
    PARKED = "parked", "Parked", Tone.CAUTION


class EntryKind(Word):
    """What an entry of the record says."""

    STEP = "step", "Step", Tone.GOOD
    REFUSED = "refused", "Refused attempt", Tone.BAD
    CHANGE = "change", "Field changed", Tone.NEUTRAL
    RIGHT = "right", "Role or place", Tone.BRAND
    JOB = "job", "Job or message", Tone.CAUTION
    MESSAGE = "message", "Message", Tone.INFO
    SIGN_IN = "sign_in", "Sign-in", Tone.CALM


class Role(Word):
    """The roles of the programme and of one application (`lead`, `editor`, `viewer` belong to a partnership)."""

    ANONYMOUS = "anonymous", "Visitor"
    LEAD = "lead", "Lead applicant"
    EDITOR = "editor", "Partner editor"
    VIEWER = "viewer", "Partner viewer"
    EXPERT = "expert", "Expert"
    ASSESSOR = "assessor", "Assessor"
    PANEL_CHAIR = "panel_chair", "Chair of the panel"
    PROGRAMME_OFFICER = "programme_officer", "Programme officer"
    PROGRAMME_MANAGER = "programme_manager", "Programme manager"
    MANAGING_AUTHORITY = "managing_authority", "Managing Authority"
    COMMITTEE = "committee", "Monitoring Committee"
    NATIONAL_POINT = "national_point", "National URBACT Point"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"
    SYSTEM = "system", "The system"


class NetworkType(Word):
    """The network types of the programme; what a type means stands in `domain.network_types`."""

    APN = "APN", "Action Planning Network"
    TN = "TN", "Transfer Network"
    ITN = "ITN", "Innovation Transfer Network"
    AN = "AN", "Action Network"


class PartnerRole(Word):
    """The place of an organisation in an application."""

    LEAD = "lead", "Lead partner"
    PARTNER = "partner", "Project partner"


class PartnerKind(Word):
    """City in the sense of the call, or another body."""

    CITY = "city", "City"
    NON_CITY = "non-city", "Not a city"


class OrganisationCategory(Word):
    """The finer categories of partners (Terms of Reference, as read in `domain.md` 3.1 and 3.2)."""

    CITY_MUNICIPALITY = "CITY_MUNICIPALITY", "City, municipality or town"
    CITY_INFRA = "CITY_INFRA", "District or borough with its own council"
    CITY_METRO = "CITY_METRO", "Metropolitan authority or agglomeration"
    CITY_AGENCY = "CITY_AGENCY", "Local agency owned by a city"
    NC_AUTHORITY = "NC_AUTHORITY", "Provincial, regional or national authority"
    NC_UNIVERSITY = "NC_UNIVERSITY", "University or research centre"
    NC_MA = "NC_MA", "Managing authority of Cohesion Policy funds"

    @property
    def kind(self) -> PartnerKind:
        return PartnerKind.CITY if self.value.startswith("CITY_") else PartnerKind.NON_CITY


class RegionCategory(Word):
    """Category of a NUTS 2 region, 2021 to 2027 (Implementing Decision (EU) 2021/1130)."""

    LESS_DEVELOPED = "less developed", "Less developed"
    TRANSITION = "transition", "Transition"
    MORE_DEVELOPED = "more developed", "More developed"


class CountryGroup(Word):
    """Groups of countries that a call admits or not."""

    MS = "MS", "EU Member State"
    PARTNER_STATES = "PARTNER_STATES", "Norway and Switzerland"
    IPA = "IPA", "IPA country"
    NDICI = "NDICI", "NDICI country"


class Fund(Word):
    """The funds that pay a partner's share."""

    ERDF = "ERDF", "ERDF"
    IPA = "IPA", "IPA III"
    NDICI = "NDICI", "NDICI"
    CH_NATIONAL = "CH_NATIONAL", "Swiss national fund"
    NO_NATIONAL = "NO_NATIONAL", "Norwegian national fund"


class CostCategory(Word):
    """Cost categories of Reg. (EU) 2021/1059, Articles 39 to 44."""

    STAFF = "STAFF", "Staff"
    OFFICE_ADMIN = "OFFICE_ADMIN", "Office and administration"
    TRAVEL_ACCOMMODATION = "TRAVEL_ACCOMMODATION", "Travel and accommodation"
    EXTERNAL_EXPERTISE = "EXTERNAL_EXPERTISE", "External expertise and services"
    EQUIPMENT = "EQUIPMENT", "Equipment"
    INFRASTRUCTURE_WORKS = "INFRASTRUCTURE_WORKS", "Infrastructure and works"


class PlanKind(Word):
    """What a partner produces in a network."""

    INTEGRATED_ACTION_PLAN = "integrated_action_plan", "Integrated Action Plan"
    TRANSFER_PLAN = "transfer_plan", "Transfer Plan"
    IMPROVEMENT_PLAN = "improvement_plan", "Improvement Plan"
    INVESTMENT_PLAN = "investment_plan", "Investment Plan"
    CONTINUITY_PLAN = "continuity_plan", "Continuity Plan"
    IMPLEMENTED_ACTIONS = "implemented_actions", "Implemented actions"


class Confidence(Word):
    """How well a figure of the programme is known (`domain.md` 0)."""

    SEEN = "S", "seen on a public page"
    DERIVED = "D", "derived from published figures"
    KNOWN_HIGH = "K-high", "expert knowledge, high"
    KNOWN_MEDIUM = "K-med", "expert knowledge, medium"
    KNOWN_LOW = "K-low", "expert knowledge, low", Tone.CAUTION
    DEFAULT = "default", "our default, not a programme figure", Tone.CAUTION
    UNKNOWN = "X", "not known", Tone.CAUTION
    CONFIRMED = "confirmed", "confirmed by a person", Tone.GOOD

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody must confirm the figure before a call may be published with it."""
        return self in {Confidence.KNOWN_LOW, Confidence.DEFAULT, Confidence.UNKNOWN}
