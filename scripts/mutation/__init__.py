"""Mutation testing of the core: changes one thing at a time and looks whether a test fails."""
