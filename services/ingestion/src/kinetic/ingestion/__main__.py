"""`python -m kinetic.ingestion serve | migrate | openapi`."""

from kinetic.common.main import main
from kinetic.ingestion.app import create_service

main(create_service)
