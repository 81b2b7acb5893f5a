"""Prices of cover without a master, and rosters that settle around them."""
