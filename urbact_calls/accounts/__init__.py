"""People: registration, sign-in, and the roles of the programme."""
