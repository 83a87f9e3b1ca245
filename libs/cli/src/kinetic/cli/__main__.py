"""`python -m kinetic.cli` is the command `kinetic`."""

from kinetic.cli.app import main

main()
