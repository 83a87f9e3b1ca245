"""What can be asked of a running installation. Nothing here changes anything, and nobody's offsets move."""
