"""Commands on accounts, passwords and the links in e-mails."""
