"""Files in and out: event folders, plain JSON of values, public benchmark formats."""
