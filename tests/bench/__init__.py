"""Measurements, not tests: `python -m tests.bench` prints ratios against something on the same machine and run."""
