"""What DbEngine costs beside what a user would pick instead."""
