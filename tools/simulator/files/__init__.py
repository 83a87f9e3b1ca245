"""Companies as files: a folder each, in the words of Kinetic's events. The format is told in the README of the simulator."""
