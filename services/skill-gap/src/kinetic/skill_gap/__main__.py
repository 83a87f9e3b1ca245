"""`python -m kinetic.skill_gap serve | migrate | openapi`."""

from kinetic.common.main import main
from kinetic.skill_gap.app import create_service

main(create_service)
