"""Trees of any library, read into arrays of one form."""
