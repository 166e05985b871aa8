"""The lives of applications, networks, expert applications and sheets, each declared once as a table."""
