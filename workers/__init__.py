"""The workers: Celery notifies them of jobs that are due; the job table holds the truth."""
