"""What to ask of whom: from what a plan leaves open to request lines, split over partners."""
