"""Pool of experts: profiles, kinds of expertise, validation as lead or ad hoc expert."""
