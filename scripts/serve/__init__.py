"""The program on one machine: a supervisor (`python -m scripts.serve`) and the processes it looks after."""
