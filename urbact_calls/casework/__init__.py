"""The life of an application: builds its facts, offers and takes transitions. The only place that assigns its state."""
