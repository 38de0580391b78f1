"""The JSON API described, as OpenAPI 3.1: written by hand as data, one file for each part, and held to the routes by a
test. What programs send to the catalog is described by the models that read it."""
