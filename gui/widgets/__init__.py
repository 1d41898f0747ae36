"""The parts that windows are made of, one to a module."""
