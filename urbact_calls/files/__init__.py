"""Uploaded files: checked before anybody else may open them, by a worker where it takes long, and scanned."""
