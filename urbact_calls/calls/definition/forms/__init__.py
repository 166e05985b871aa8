"""Forms of the definition of a call."""
