"""What stands around Kinetic in the example: a company, its token issuer and its learning platform. None of it is shipped."""
