"""The gazetteer: the places of Europe in the database, and the region that a place lies in."""
