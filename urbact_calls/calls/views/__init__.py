"""The calls for the public, and their terms and dates for the Joint Secretariat."""
