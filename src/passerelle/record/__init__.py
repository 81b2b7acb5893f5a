"""Press articles and communiques turned into proposed register entries with provenance."""
