"""The benchmark: how long the pages of a call with many applications take, beside the least that they could take."""
