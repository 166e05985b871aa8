"""Reads of the record: what changed fields are called, and the entries of one subject."""
