"""What happened, by whom and when: workflow events, field changes, refused attempts."""
