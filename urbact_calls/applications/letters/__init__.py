"""Letters of commitment: one signed PDF for each partner."""
