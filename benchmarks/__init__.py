"""How fast each part of Kinetic is, measured beside the fastest way that we know to do the same work by hand."""
