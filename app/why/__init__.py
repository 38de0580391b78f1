"""Why may somebody take a role, or why not: the decision with its whole chain, for administrators and for oneself.

    book.py    asks: the decision, the rules, the version of the catalog, the plan
    own.py     what of that somebody may be told about themselves

Owned: what is told to whom. Not owned: the decision (`core.decisions`), the plan (`planning`). Nothing is given out
here.
"""

from app.why.book import Told, Verdict, Why
from app.why.own import OwnAnswer, Way, own_answer

__all__ = ["OwnAnswer", "Told", "Verdict", "Way", "Why", "own_answer"]
