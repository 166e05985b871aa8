"""The workers: Celery rings for jobs that are due; the job table holds the truth."""
