"""`python -m pipeline` is the command `medtables`."""

from .cli import main

main(prog_name="medtables")
