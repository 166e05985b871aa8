"""Trial of an announcement: thousands of decisions announced at once, workers killed meanwhile, each letter counted."""
