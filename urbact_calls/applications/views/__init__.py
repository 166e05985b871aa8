"""Pages of those who write applications."""
