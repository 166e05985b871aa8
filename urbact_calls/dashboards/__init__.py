"""What waits now, for each role; read only."""
