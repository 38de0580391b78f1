"""Roles in accounts that belong to somebody else: an external id of ours, sent always, and proven to be asked for.

The accident to prevent is the confused deputy (IAM User Guide, "The confused deputy problem"): the gateway may assume
roles in the accounts of many owners. If a role trusts the gateway without asking for the external id, whoever gets
that role's ARN into a catalog of the gateway gets into that account. So the owner's trust policy must ask, and the
gateway believes nothing that it has not tried:

    Prober:  the right external id -> yes      a wrong one -> no      none -> no       only this is accepted
    Book:    what came of it and when ──► Gate: open, or closed with a sentence for the person and one for the owner
    Rounds:  the same again every day; a role that no longer asks is closed, and the alarm raised

"No" is AWS's AccessDenied and nothing else. A throttle or a dead network is "unknown": it opens nothing, and keeps
what was open for three days at most.

Owned: external ids and trials (tables `external_ids`, `trials`). Not owned: the call itself (`issuers`). Limits: a
trust policy that also asks for certain session tags or session names of people refuses the trial, and so stays closed.
"""
