"""Subscriptions to a call: addresses that want to hear when it opens."""
