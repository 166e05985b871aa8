"""Commands on the budget: save cells of the grid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from urbact_calls.applications.drafts.commands import draft_to_write
from urbact_calls.applications.models import Partner, PlannedCost
from urbact_calls.applications.reads.applications import partners_to_write_for, relation_to
from urbact_calls.applications.reads.dossier import partners_of, stored_amounts, typed_categories
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Stale
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import CostCategory
from urbact_calls.record.commands import field_changed


def save_budget(
    reference: str, *, amounts: Mapping[tuple[int, CostCategory], int | None], version: int, actor: Actor, now: datetime
) -> None:
    """Keeps cells of the grid; None empties a cell. The same figures again change nothing.

    Only cells count that this actor may write and that the call lets people type. Raises Stale with the stored
    grid, Refused when the draft cannot be changed any more.
    """
    with transaction() as session:
        application = draft_to_write(session, reference, actor, now)
        partners = partners_of(session, application)
        stored = stored_amounts(partners)
        if version != application.version:
            raise Stale(BUDGET_STALE())

        writable = partners_to_write_for(actor, relation_to(session, actor, application), partners)
        own = {partner.id: partner for partner in writable}
        typed = typed_categories(application.call.terms)
        changed = {
            cell: amount
            for cell, amount in amounts.items()
            if cell[0] in own and cell[1] in typed and stored.get(cell) != amount
        }
        for (partner_id, category), amount in changed.items():
            partner = own[partner_id]
            _write_cell(partner, category, amount)
            before, field = stored.get((partner_id, category)), budget_field(partner, category)
            field_changed(session, application.subject, field, before, amount, actor, now)
        if changed:
            application.version += 1


def _write_cell(partner: Partner, category: CostCategory, amount: int | None) -> None:
    line = next((each for each in partner.budget_lines if each.category == category), None)
    if amount is None:
        if line is not None:
            partner.budget_lines.remove(line)
    elif line is not None:
        line.amount_cents = amount
    else:
        partner.budget_lines.append(PlannedCost(category=category, amount_cents=amount))


def budget_field(partner: Partner, category: str) -> str:
    return f"budget.{partner.organisation.slug}.{category}"


BUDGET_STALE = message("budget.stale", "The budget or the partnership was changed by somebody else.")
