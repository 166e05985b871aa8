"""What a partnership plans to spend and who pays for it, to the cent."""
