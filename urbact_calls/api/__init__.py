"""The interface for programs, `/api/v1`: the same queries, the same policies and the same transitions as the pages."""
