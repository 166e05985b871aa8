"""Meetings of the Monitoring Committee, decisions recorded and decisions announced."""
