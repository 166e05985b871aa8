"""The Flask toolkit of this program; knows no feature."""
