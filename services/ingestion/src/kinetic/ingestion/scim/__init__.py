"""SCIM 2.0 (RFC 7643, RFC 7644): users are people of the directory, groups are its teams.

The protocol is scim2-server's. Here stand what of a user and a group is kept (`models`), how they are read and shown
(`people`, `teams`), and where they are found and written (`storage`).
"""
