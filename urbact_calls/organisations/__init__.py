"""Cities and other bodies, and who works for them."""
