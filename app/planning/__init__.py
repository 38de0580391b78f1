"""What a role will give, known before anybody asks AWS for it.

    study(role)          asks AWS what can be asked: whose credentials the gateway signs with, and the role's
                         MaxSessionDuration (iam:GetRole, where allowed)
    learn(...)           what a session that was given, or refused, has taught
    plan(person, role)   the answer for pages, CLI and API: `core.plans`, from what is remembered; never asks AWS

Owned: what is remembered about roles in AWS, for a day, and about refusals, for minutes. Not owned: the limits
and their sentences (`core.plans`), the calls (`issuers`).
"""

from app.planning.knowledge import AccountKnowledge, PersonKnowledge
from app.planning.planner import Planner

__all__ = ["AccountKnowledge", "PersonKnowledge", "Planner"]
