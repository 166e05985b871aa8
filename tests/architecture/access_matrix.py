"""Who may open which address, written by hand.

It does not look at the declarations of the views: the sweep compares the two. A line is an address with its method;
it names who gets an answer, for one's own object and for somebody else's. Everybody else is turned away: a visitor
to the sign-in page (401 without a page to come back to), a signed-in person by 403 where the page is about no object,
by 404 where it is.
"""

from __future__ import annotations

from dataclasses import dataclass

ROLES = (
    "anonymous",
    "lead",
    "editor",
    "viewer",
    "expert",
    "assessor",
    "panel_chair",
    "programme_officer",
    "programme_manager",
    "managing_authority",
    "committee",
    "national_point",
    "auditor",
    "administrator",
)
EVERYBODY = frozenset(ROLES)
SIGNED_IN = EVERYBODY - {"anonymous"}
OFFICE = frozenset({"programme_officer", "programme_manager"})
READERS = OFFICE | {"auditor"}
APPLICANTS = frozenset({"lead", "editor", "viewer"})
WRITERS = frozenset({"lead", "editor"})
LEAD = frozenset({"lead"})
EXPERT = frozenset({"expert"})
ASSESSOR = frozenset({"assessor"})
PANEL = frozenset({"assessor", "panel_chair"})
ADMINISTRATOR = frozenset({"administrator"})
NATIONAL_POINT = frozenset({"national_point"})
WATCHERS = OFFICE | ADMINISTRATOR
COMMITTEE = READERS | {"committee"}
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """Who gets an answer for an own object and for a foreign one; `is_object` says that others get 404."""

    own: frozenset[str]
    foreign: frozenset[str]
    is_object: bool


def everybody() -> Line:
    return Line(EVERYBODY, EVERYBODY, is_object=False)


def only(roles: frozenset[str]) -> Line:
    """A page for roles of the programme, about no object in particular."""
    return Line(roles, roles, is_object=False)


def about(own: frozenset[str], foreign: frozenset[str] = NOBODY) -> Line:
    """A page about one object: who may see one's own, and who may see any."""
    return Line(own | foreign, foreign, is_object=True)


MATRIX: dict[str, Line] = {
    # The public
    "GET /": everybody(),
    "GET /sitemap.xml": everybody(),
    "GET /robots.txt": everybody(),
    "GET /.well-known/security.txt": everybody(),
    "GET /accessibility": everybody(),
    "GET /privacy": everybody(),
    "GET /help": everybody(),
    "GET /calls/": everybody(),
    "GET /calls/<code>": everybody(),
    "GET /calls/<code>/dates.ics": everybody(),
    "POST /calls/<code>/subscriptions": everybody(),
    "GET /calls/<code>/subscriptions/sent": everybody(),
    "GET /calls/subscriptions/<key>/confirm": everybody(),
    "POST /calls/subscriptions/<key>/confirm": everybody(),
    "GET /calls/subscriptions/<key>/leave": everybody(),
    "POST /calls/subscriptions/<key>/leave": everybody(),
    "GET /networks/": everybody(),
    "GET /networks/<slug>": everybody(),
    "GET /cities/": everybody(),
    "GET /cities/<slug>": everybody(),
    "GET /get-involved/<audience>": everybody(),
    "GET /get-involved/town": everybody(),
    "GET /get-involved/town/<place_id>": everybody(),
    "GET /sources": everybody(),
    "GET /healthz": everybody(),
    # With the token of the settings only (`tests/web/test_logs_and_metrics.py`); for everybody else it does not exist.
    "GET /metrics": Line(NOBODY, NOBODY, is_object=True),
    "GET /readyz": everybody(),
    # Accounts
    "GET /register": everybody(),
    "POST /register": everybody(),
    "GET /register/sent": everybody(),
    "GET /register/confirm/<token>": everybody(),
    "POST /register/confirm/<token>": everybody(),
    "GET /sign-in": everybody(),
    "POST /sign-in": everybody(),
    "POST /sign-out": everybody(),
    "GET /forgotten-password": everybody(),
    "POST /forgotten-password": everybody(),
    "GET /forgotten-password/sent": everybody(),
    "GET /reset-password/<token>": everybody(),
    "POST /reset-password/<token>": everybody(),
    "GET /account": only(SIGNED_IN),
    "POST /account": only(SIGNED_IN),
    "POST /account/password": only(SIGNED_IN),
    "POST /account/sign-out-everywhere": only(SIGNED_IN),
    # Those of the sweep belong to the lead applicant.
    "POST /account/sessions/<session_id>/end": about(LEAD),
    "POST /account/tokens": only(SIGNED_IN),
    "POST /account/tokens/<token_id>/revoke": about(LEAD),
    "POST /account/theme": only(SIGNED_IN),
    "GET /accounts/": only(ADMINISTRATOR),
    "GET /accounts/<user_id>": only(ADMINISTRATOR),
    "POST /accounts/<user_id>/disable": only(ADMINISTRATOR),
    "POST /accounts/<user_id>/enable": only(ADMINISTRATOR),
    "POST /accounts/<user_id>/roles": only(ADMINISTRATOR),
    "POST /accounts/<user_id>/roles/<role>/revoke": only(ADMINISTRATOR),
    "GET /dashboard": only(SIGNED_IN),
    # Organisations: the editor is one of the people of the own one, and no manager of it; it is in the country of the
    # National URBACT Point
    "GET /organisations/": only(SIGNED_IN),
    "GET /organisations/new": only(SIGNED_IN),
    "POST /organisations/new": only(SIGNED_IN),
    "GET /organisations/<slug>/": about(frozenset({"editor", "national_point"}), READERS),
    "POST /organisations/<slug>/requests": only(SIGNED_IN),
    "POST /organisations/<slug>/requests/<user_id>/accept": about(NOBODY, OFFICE),
    "POST /organisations/<slug>/requests/<user_id>/decline": about(NOBODY, OFFICE),
    "POST /organisations/<slug>/members/<user_id>/manager": about(NOBODY, OFFICE),
    "POST /organisations/<slug>/members/<user_id>/confirmation": about(NATIONAL_POINT, OFFICE),
    "POST /organisations/<slug>/members/<user_id>/remove": about(NOBODY, OFFICE),
    # Applications
    "GET /calls/<code>/applications": only(SIGNED_IN),
    "POST /calls/<code>/applications": only(SIGNED_IN),
    "GET /applications/": only(SIGNED_IN),
    "GET /applications/<reference>/": about(APPLICANTS, READERS),
    "GET /applications/<reference>/sections/<section>": about(APPLICANTS, READERS),
    "POST /applications/<reference>/sections/<section>": about(WRITERS),
    "GET /applications/<reference>/partners/<partner_id>/sections/<section>": about(APPLICANTS, READERS),
    "POST /applications/<reference>/partners/<partner_id>/sections/<section>": about(WRITERS),
    # The form of the calls of the sweep asks for no file; `test_applications_profiles` asks for one.
    "GET /applications/<reference>/partners/<partner_id>/files/<field>": about(NOBODY),
    "GET /applications/<reference>/partners": about(APPLICANTS, READERS),
    "POST /applications/<reference>/partners": about(LEAD),
    "GET /applications/<reference>/partners/new": about(LEAD),
    "POST /applications/<reference>/partners/new": about(LEAD),
    "POST /applications/<reference>/partners/<partner_id>/editing": about(LEAD),
    "POST /applications/<reference>/partners/<partner_id>/removal": about(LEAD),
    "GET /applications/<reference>/invitations": about(LEAD),
    "POST /applications/<reference>/invitations": about(LEAD),
    "POST /applications/<reference>/invitations/<invitation_id>/resending": about(LEAD),
    "POST /applications/<reference>/invitations/<invitation_id>/removal": about(LEAD),
    # Whoever has the link may open it; what it allows depends on the account, which has its own tests.
    "GET /invitations/<token>": everybody(),
    "POST /invitations/<token>": everybody(),
    "POST /invitations/<token>/account": everybody(),
    "GET /applications/<reference>/budget": about(APPLICANTS, READERS),
    "POST /applications/<reference>/budget": about(WRITERS),
    "GET /applications/<reference>/documents": about(APPLICANTS, READERS),
    "GET /applications/<reference>/documents/<partner_id>": about(APPLICANTS, READERS),
    "POST /applications/<reference>/documents/<partner_id>": about(WRITERS),
    "GET /applications/<reference>/documents/<partner_id>/to-sign.pdf": about(APPLICANTS, READERS),
    "GET /applications/<reference>/documents/<partner_id>/to-sign.txt": about(APPLICANTS, READERS),
    "GET /applications/<reference>/submissions/<number>": about(APPLICANTS, READERS),
    "GET /applications/<reference>/submissions/<number>/files/<file_id>": about(APPLICANTS, READERS),
    "GET /applications/<reference>/pdf": about(APPLICANTS, READERS),
    "POST /applications/<reference>/pdf": about(APPLICANTS, READERS),
    "GET /applications/<reference>/application.pdf": about(APPLICANTS, READERS),
    "GET /applications/<reference>/being-stored": about(APPLICANTS),
    # The step that is asked for is to withdraw, which only the lead applicant may know of.
    "GET /applications/<reference>/review": about(APPLICANTS),
    "POST /applications/<reference>/transitions/<name>": about(LEAD),
    # Calls in the office
    "GET /office/calls/": only(READERS),
    "GET /office/calls/<code>": only(READERS),
    "GET /office/calls/new": only(OFFICE),
    "POST /office/calls/new": only(OFFICE),
    "GET /office/calls/<code>/terms/<term>": only(READERS),
    "POST /office/calls/<code>/terms/<term>": only(OFFICE),
    "POST /office/calls/<code>/terms/<term>/confirmation": only(OFFICE),
    "POST /office/calls/<code>/confirmations": only(OFFICE),
    "POST /office/calls/<code>/publish": only(OFFICE),
    "POST /office/calls/<code>/close": only(OFFICE),
    "POST /office/calls/<code>/reopen": only(OFFICE),
    # Eligibility
    "GET /eligibility/": only(READERS),
    "GET /eligibility/<reference>/": about(NOBODY, READERS),
    "POST /eligibility/<reference>/findings/<code>": about(NOBODY, OFFICE),
    "POST /eligibility/<reference>/regions": about(NOBODY, OFFICE),
    "POST /eligibility/<reference>/regions/<partner_id>": about(NOBODY, OFFICE),
    "GET /eligibility/<reference>/letters/<partner_id>": about(NOBODY, READERS),
    # Who handles what, and the notes of the office
    "GET /office/applications/<reference>/notes": about(NOBODY, OFFICE),
    "POST /office/applications/<reference>/notes": about(NOBODY, OFFICE),
    "POST /office/applications/<reference>/handler": about(NOBODY, OFFICE),
    # Assessment
    "GET /assessment/": only(READERS),
    "GET /assessment/desk/": only(PANEL),
    "GET /assessment/calls/<code>/": about(NOBODY, READERS),
    "POST /assessment/calls/<code>/panel": about(NOBODY, OFFICE),
    "POST /assessment/calls/<code>/panel/<user_id>/removal": about(NOBODY, OFFICE),
    "GET /assessment/calls/<code>/ranking": about(frozenset({"panel_chair"}), READERS),
    "POST /assessment/calls/<code>/ranking/seal": about(NOBODY, OFFICE),
    "POST /assessment/applications/<reference>/allocations": about(NOBODY, OFFICE),
    "POST /assessment/applications/<reference>/allocations/<allocation_id>/removal": about(NOBODY, OFFICE),
    "GET /assessment/applications/<reference>/declaration": about(ASSESSOR),
    "POST /assessment/applications/<reference>/declaration": about(ASSESSOR),
    "GET /assessment/applications/<reference>/letters/<partner_id>": about(ASSESSOR),
    "GET /assessment/applications/<reference>/sheet": about(ASSESSOR),
    "POST /assessment/applications/<reference>/sheet": about(ASSESSOR),
    "POST /assessment/applications/<reference>/sheet/transitions/submit_sheet": about(ASSESSOR),
    "POST /assessment/applications/<reference>/sheets/<allocation_id>/transitions/reopen_sheet": about(NOBODY, OFFICE),
    "GET /assessment/applications/<reference>/consensus": about(PANEL, READERS),
    "POST /assessment/applications/<reference>/consensus": about(PANEL),
    "POST /assessment/applications/<reference>/consensus/transitions/sign": about(PANEL),
    # Decisions
    "GET /decisions/": only(COMMITTEE),
    "GET /decisions/calls/<code>/": about(NOBODY, COMMITTEE),
    "POST /decisions/calls/<code>/meetings": about(NOBODY, OFFICE),
    "GET /decisions/calls/<code>/announcement": about(NOBODY, OFFICE),
    "POST /decisions/calls/<code>/announcement": about(NOBODY, OFFICE),
    "GET /decisions/calls/<code>/announcements": about(NOBODY, COMMITTEE),
    "GET /decisions/applications/<reference>/letter": about(NOBODY, OFFICE),
    "GET /decisions/applications/<reference>": about(NOBODY, OFFICE),
    "POST /decisions/applications/<reference>": about(NOBODY, OFFICE),
    # Networks: the lead applicant and the editor are people of the own one, the viewer is not
    "GET /applications/<reference>/network": about(WRITERS, READERS),
    "GET /networks/<slug>/work": about(WRITERS, READERS),
    "GET /networks/<slug>/work/text": about(LEAD),
    "POST /networks/<slug>/work/text": about(LEAD),
    "GET /networks/<slug>/work/local-groups/<member_id>": about(frozenset({"editor"})),
    "POST /networks/<slug>/work/local-groups/<member_id>": about(frozenset({"editor"})),
    "GET /networks/<slug>/work/plans/<plan_id>": about(WRITERS),
    "POST /networks/<slug>/work/plans/<plan_id>": about(WRITERS),
    "GET /networks/<slug>/work/recommendations/new": about(LEAD),
    "POST /networks/<slug>/work/recommendations/new": about(LEAD),
    "GET /networks/<slug>/work/recommendations/<recommendation_id>": about(LEAD),
    "POST /networks/<slug>/work/recommendations/<recommendation_id>": about(LEAD),
    "POST /networks/<slug>/transitions/<name>": about(LEAD, OFFICE),
    "GET /networks/<slug>/work/agreements": about(WRITERS, READERS),
    "GET /networks/<slug>/work/agreements/<member_id>": about(WRITERS, READERS),
    "POST /networks/<slug>/work/agreements/<member_id>": about(WRITERS),
    # Experts: the role comes with the profile; drafts are nobody else's, and a CV is for its owner and the office
    "GET /experts/": everybody(),
    "GET /experts/<slug>": everybody(),
    "GET /experts/searches/": everybody(),
    "GET /experts/searches/<number>": everybody(),
    "GET /expert-profile": only(SIGNED_IN),
    "POST /expert-profile": only(SIGNED_IN),
    "GET /expert-profile/cv": about(EXPERT),
    "POST /expert-profile/cv": about(EXPERT),
    "POST /expert-profile/summary": about(EXPERT),
    "POST /expert-profile/availability": about(EXPERT),
    "POST /expert-profile/consent": about(EXPERT),
    "POST /expert-profile/consent/withdrawal": about(EXPERT),
    "POST /expert-profile/transitions/<name>": about(EXPERT, EXPERT),
    "GET /office/experts/": only(READERS),
    "GET /office/experts/<profile_id>": about(NOBODY, READERS),
    "GET /office/experts/<profile_id>/cv": about(NOBODY, OFFICE),
    "POST /office/experts/<profile_id>/transitions/<name>": about(NOBODY, OFFICE),
    "POST /office/experts/<profile_id>/readings/<kind>": about(NOBODY, OFFICE),
    "POST /office/experts/<profile_id>/validity": about(NOBODY, OFFICE),
    "GET /networks/<slug>/work/experts": about(LEAD, READERS),
    "POST /networks/<slug>/work/experts": about(LEAD),
    "POST /networks/<slug>/work/experts/<search_id>/closing": about(LEAD),
    "GET /networks/<slug>/expert-applications": about(EXPERT, EXPERT),
    "POST /networks/<slug>/expert-applications": about(EXPERT, EXPERT),
    "GET /expert-applications/": only(EXPERT),
    "GET /expert-applications/<application_id>": about(LEAD | EXPERT, READERS),
    # The step that is asked for is to appoint, which only the lead partner may know of.
    "POST /expert-applications/<application_id>/transitions/<name>": about(LEAD),
    # Workers
    # The record: of accounts for those who give roles, of the rest for those who read all of it
    "GET /office/record/applications/<key>": about(NOBODY, READERS),
    "GET /office/record/applications/<key>/record.csv": about(NOBODY, READERS),
    "GET /office/record/calls/<key>": about(NOBODY, READERS),
    "GET /office/record/calls/<key>/record.csv": about(NOBODY, READERS),
    "GET /office/record/networks/<key>": about(NOBODY, READERS),
    "GET /office/record/networks/<key>/record.csv": about(NOBODY, READERS),
    "GET /office/record/organisations/<key>": about(NOBODY, READERS),
    "GET /office/record/organisations/<key>/record.csv": about(NOBODY, READERS),
    "GET /office/record/accounts/<key>": about(NOBODY, ADMINISTRATOR | {"auditor"}),
    "GET /office/record/accounts/<key>/record.csv": about(NOBODY, ADMINISTRATOR | {"auditor"}),
    "GET /office/jobs/": only(WATCHERS),
    "GET /office/jobs/<job_id>": only(WATCHERS),
    "POST /office/jobs/<job_id>/retry": only(WATCHERS),
    "GET /office/jobs/<job_id>/cancel": only(WATCHERS),
    "POST /office/jobs/<job_id>/cancel": only(WATCHERS),
    "POST /office/jobs/<job_id>/delivered": only(WATCHERS),
    "GET /office/messages/": only(WATCHERS),
    "GET /office/deliveries/": only(WATCHERS),
    "GET /office/deliveries/<delivery_id>": only(WATCHERS),
    "POST /office/deliveries/<delivery_id>/resending": only(WATCHERS),
    "GET /account/messages": only(SIGNED_IN),
    "POST /account/messages": only(SIGNED_IN),
    "GET /messages/<token>/switch-off": everybody(),
    "POST /messages/<token>/switch-off": everybody(),
    # Programs, with a token of the person
    "GET /api/v1/openapi.json": everybody(),
    "GET /api/v1/calls": everybody(),
    "GET /api/v1/calls/<code>": everybody(),
    "GET /api/v1/networks": everybody(),
    "GET /api/v1/networks/<slug>": everybody(),
    "GET /api/v1/cities": everybody(),
    "POST /api/v1/examinations": everybody(),
    "GET /api/v1/applications": only(SIGNED_IN),
    "POST /api/v1/applications": only(SIGNED_IN),
    "GET /api/v1/applications/<reference>": about(APPLICANTS, READERS),
    "POST /api/v1/applications/<reference>/transitions/<name>": about(LEAD),
}
