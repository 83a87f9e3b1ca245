"""`python -m kinetic.feedback serve | migrate | openapi`."""

from kinetic.common.main import main
from kinetic.feedback.app import create_service

main(create_service)
