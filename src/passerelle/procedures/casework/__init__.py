"""Facts of a file on a person, read from its acts: bars, gates, related files, detention, extradition."""
