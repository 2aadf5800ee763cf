"""What `coopdistill init` proposes for files that it looked at."""
