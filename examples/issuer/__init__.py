"""A small OIDC issuer for the example company: people and services get signed tokens from it, and services verify them.

It stands in for the company's own (Keycloak, Entra ID, Okta): it signs for the users that a YAML file names, without asking
who they are, so it must never be used for anything but the example.
"""

from examples.issuer.keys import client_secret_file
from examples.issuer.tokens import issue_token, token_for
from examples.issuer.users import UnknownUser

__all__ = ["UnknownUser", "client_secret_file", "issue_token", "token_for"]
