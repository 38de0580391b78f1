"""The trust doctor: does AWS let exactly our call in, who else gets in, and what would put it right?

    trust policy (iam:GetRole, or pasted) ──► policies.py     read leniently: what IAM stores, and what people paste
    role + account + what AWS knows of us ──► calls.py        what our call says, and which keys nobody can know
                                              conditions.py   yes, no, or cannot tell
                                              rulings.py      each statement against each action that the call needs
                                          ──► obstacles.py    what stops it, in words
                                              openings.py     what lets others in
                                              mending.py      the smallest change after which nothing is left to say
                                          ──► diagnosis.py    all of it for one role
    what was seen of it (charts.py)       ──► judging.py      its report; handover.py, telling.py: the forms of it
    the role's policies                   ──► reach.py        which known roads to more rights are possible
    ward.py rounds.py                         looking every day, and what has become worse (`doctor.drift`)

Owned: the judgement, and what was seen at the last look. Not owned: asking IAM (`issuers.inspecting`), the documents
as they should be (`awsside`), whether somebody may have a role (`core.decisions`).

It never guesses: an operator or a key that it does not know is "cannot tell", and a refusal of IAM is "cannot look",
never "sound". Sources: IAM User Guide, "Policy evaluation logic", "Condition operators", "Single-valued vs. multivalued
context keys", "AWS STS condition context keys", "Principal"; Service Authorization Reference, AWS STS.
"""
