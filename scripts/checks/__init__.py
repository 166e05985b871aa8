"""The official check of a whole call by the workers of the program, measured: rates, memory, size of the reports."""
