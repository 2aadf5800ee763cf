"""Studies: their format, their mistakes, and the rows and jobs that they name."""
