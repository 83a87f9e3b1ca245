"""Policies judged in simulated companies: `python -m tools.simulation --companies 200 --seed 7`."""
