"""The desktop browser of a DbEngine database."""
