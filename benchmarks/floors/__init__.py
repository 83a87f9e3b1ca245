"""The floors: the same work as the services do, written by hand for speed, without their machinery and their shape."""
