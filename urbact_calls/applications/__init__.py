"""Applications: drafts, sections, partners, budget, documents and what was submitted."""
