"""Messages that features can send, and the log of what was delivered to whom."""
