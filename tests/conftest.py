from hypothesis import settings

# The same examples on every machine, however slow: a failure is a failure of the code.
settings.register_profile("coopdistill", deadline=None, derandomize=True)
settings.load_profile("coopdistill")
