"""What a person does about messages whose end the program does not know."""

from __future__ import annotations

from datetime import datetime

from urbact_calls import jobs
from urbact_calls.database import transaction
from urbact_calls.notifications.models import Delivery


def mark_delivered(job_id: int, now: datetime) -> None:
    """Says that an uncertain message has reached its recipient, so that it is not sent again.

    Raises NotFound, and Refused for a message whose end is known.
    """
    with transaction() as session:
        row = jobs.settle(session, job_id, now)
        delivery = session.get_one(Delivery, row.args["delivery"])
        delivery.sent_at = now
