"""Measurements, not tests: `python -m tests.bench` prints ratios against something on the same machine in the same run."""
