"""`python -m service` is the command `servicepunt`."""

from service.cli import main

main()
