"""Limits of persons that may be broken at a price: values, rules, pricing, independent walk."""
