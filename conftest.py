"""Every test of the workspace finds the real Kafka and Postgres through these fixtures."""

pytest_plugins = ["tests.support.fixtures"]
