"""Groups, contingents and the rules of their arrangements."""
