"""Who stands where, and when: programme, need, force, roster, repair. Pure computation."""
