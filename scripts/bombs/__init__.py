"""Trial with PDFs that are made to keep their reader busy: the site stays quick for everybody else."""
