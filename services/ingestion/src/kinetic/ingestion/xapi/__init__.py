"""xAPI 1.0.3 and 2.0: statements as a learning platform writes them, checked as the standard demands, and what they mean here.

Sections are those of xAPI 1.0.3, part two (Data); the rules of IEEE 9274.1.1 (2.0) that differ say so.
"""
