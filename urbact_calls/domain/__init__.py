"""The rules, the workflow, the scoring and the budget of the programme, in plain Python.

Nothing here knows a web framework, a database, a queue, a clock or an environment variable.
"""
