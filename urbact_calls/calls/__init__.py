"""Calls: their terms, their dates and the phase that follows from them."""
