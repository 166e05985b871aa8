"""Documents made of an application: its PDF, and letters of commitment to sign."""
