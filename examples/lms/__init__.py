"""An example learning platform: a process of its own that knows Kinetic by its Kafka topic and its HTTP door only.

It imports nothing of Kinetic, as a bought one would not. It enrols whom it is asked to, plays the learners, and reports what
they did until the report is accepted. A kill at any moment loses no report and sends none under a second id.
"""
