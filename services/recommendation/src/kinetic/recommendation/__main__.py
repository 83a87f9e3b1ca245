"""`python -m kinetic.recommendation serve | migrate | openapi`."""

from kinetic.common.main import main
from kinetic.recommendation.app import create_service

main(create_service)
