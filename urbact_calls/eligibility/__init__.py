"""Eligibility check: reports made by workers, their findings, and how officers settle them."""
