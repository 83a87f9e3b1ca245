"""Machinery without a business noun: event envelope, database, Kafka loop, inbox, outbox, web, auth, telemetry, health."""
