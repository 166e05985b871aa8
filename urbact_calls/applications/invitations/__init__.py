"""Invitations of people by e-mail to work for a partner of an application."""
