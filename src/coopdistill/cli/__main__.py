"""``python -m coopdistill.cli``."""

from coopdistill.cli.main import main

main(prog_name="coopdistill")
