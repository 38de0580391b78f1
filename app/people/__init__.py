"""Who signed in lately, and with which groups: so that a change of the catalog can be tried on them before it is saved.

Kept: provider, subject, name, groups, the attributes that the operator named, and when all this was last said. Nothing
of where from, by what device or what for. Written at each sign-in and each renewal of groups; forgotten after
`remember_people_days` without one.

Owned: the table `people`. Not owned: what the groups are worth (`catalog`, `core`), and who is signed in now
(`sessions`). Nothing is ever given out by what stands here: it is what a provider said some time ago.
"""

from app.people.book import GroupSeen, PeopleBook

__all__ = ["GroupSeen", "PeopleBook"]
