"""Fuzzer: sends anything at all through every form and the interface for programs, and judges the answers."""
