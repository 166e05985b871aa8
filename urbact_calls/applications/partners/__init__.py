"""Partners of an application: who takes part, and who may write."""
