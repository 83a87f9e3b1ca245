"""The `kinetic` command. It sees the services as anyone does: through their HTTP APIs and their topics."""
