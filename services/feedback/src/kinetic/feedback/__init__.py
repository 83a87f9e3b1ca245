"""Did it help, and what should change?"""
