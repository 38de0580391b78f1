"""DESK: why may this person take this role, or why not? Found by typing; for programs, `/api/v1/admin/why`."""
