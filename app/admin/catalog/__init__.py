"""DESK: the catalog, its changes and its history, as pages and as a JSON API.

    form │ removal │ import │ old version ──> draft ──> "Before you save" ──> version
                                                              └──> waits for a second person ──> version

    present.py   the catalog as it is, laid out for searching        lookup.py    pages: everything, and entry by entry
    fields.py    what forms ask for                                  forms.py     pages: write an entry
    typed.py     between a form and an entry                         changes.py   pages: drafts, saved and decided
    words.py     entries and differences in words, leaves.py by page history.py   pages: versions; the catalog as a file
    altering.py  the catalog with an entry put in or taken out       api.py       the same for programs, and bodies.py
    desk.py      from what is wanted to a draft, and what it means   importing.py pages: what another tool has
    possible.py  what is possible with roles, beside their rules     changes_api.py  drafts, for programs
    asked.py     numbers in addresses                                views.py     the pages' blueprint

Not owned: who must agree (`catalog.four_eyes`), what is saved (`catalog.editing`), whom it concerns (`admin.effects`).
"""
