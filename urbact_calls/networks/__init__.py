"""Networks: their members, Local Groups, plans and stages."""
