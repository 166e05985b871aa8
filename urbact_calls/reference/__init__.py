"""Reference data that comes with the program: calls, countries, regions, registers, networks and places.

Read once per process from the package's own tables; no database and no network. `tables/ATTRIBUTION.md` says where
every table comes from and under which licence.
"""
