"""Officers: who of the Joint Secretariat handles which application, and what officers note among themselves."""
