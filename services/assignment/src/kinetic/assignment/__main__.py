"""`python -m kinetic.assignment serve | migrate | openapi`."""

from kinetic.assignment.app import create_service
from kinetic.common.main import main

main(create_service)
