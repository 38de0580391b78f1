"""DESK: before somebody saves a change of the catalog, whom it concerns: who gains and who loses what, by name.

It has no page of its own: the page of a change (`admin/catalog`) shows it, by `admin/catalog/effects.html`.
"""
