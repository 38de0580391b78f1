"""The policy language: `documents.py` reads it, `patterns.py` and `conditions.py` match, `evaluation.py`
decides, `permissions.py` knows which policies count for a caller, `packing.py` weighs session policies.

Source: IAM User Guide, "Policy evaluation logic" and "IAM JSON policy elements reference".
"""
