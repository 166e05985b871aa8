"""Calls for proposals of the URBACT programme, from the first idea to the public network page."""
