"""Did the assignment reach the LMS, the learner, and the work?"""
