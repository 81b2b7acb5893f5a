"""The reinforcement cycle of this node: campaigns, positions of dossiers, forces, duties of partners."""
