"""Companies with a known truth, and what a policy that watches them is worth. Imports nothing of Kinetic."""
