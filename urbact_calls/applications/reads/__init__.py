"""Reads of applications: found by reference, and as the dossier that the rules judge."""
