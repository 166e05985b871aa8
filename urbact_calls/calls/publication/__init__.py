"""Published calls: their pages, their dates and what they ask for."""
