"""Pages of accounts, and the session of who is signed in."""
