"""What is worth this manager's attention now?"""
