"""Tests that read the program: its documents, examples and shapes agree with each other."""
