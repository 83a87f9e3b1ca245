"""The example company Northwind: who works there, what they can learn, what the business wants, and what goes wrong."""
