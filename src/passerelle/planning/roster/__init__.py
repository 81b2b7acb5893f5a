"""Who stands where and when: instance, plan, independent checker and solver with a proven bound."""
