"""Reads of the life of an application."""
