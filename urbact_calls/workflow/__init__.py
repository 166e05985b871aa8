"""The engine of every life: steps are taken, recorded and announced here, whatever has the state."""
