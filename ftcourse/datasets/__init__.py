"""The small data sets the course uses, each in a folder of its own with a card: origin, licence, how made."""
