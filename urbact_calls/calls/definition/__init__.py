"""The definition of a call by the Joint Secretariat: its terms, confirmed and then published."""
