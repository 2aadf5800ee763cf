"""What `coopdistill check` foresees of a run."""
