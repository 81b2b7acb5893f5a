"""Run many solves: an executor port with local processes by default."""
