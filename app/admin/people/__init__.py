"""DESK: people: who is signed in where, what they took; and ending it."""
