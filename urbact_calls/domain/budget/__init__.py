"""Budget of a partnership: planned cost and who pays for it, to the cent."""
