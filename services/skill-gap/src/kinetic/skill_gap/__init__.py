"""Which skill is missing where, and is training the answer at all?"""
