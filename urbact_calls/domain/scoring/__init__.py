"""Scoring of applications: a grid of criteria, where assessors differ, and the order they end in."""
